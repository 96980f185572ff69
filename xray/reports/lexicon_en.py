"""The English side of the verifier's lexicon."""

from __future__ import annotations

from xray.reports.lexicon import Tag


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in text.replace("\n", " ").split(",") if phrase.strip())


ENGLISH: dict[Tag, dict[str, tuple[str, ...]]] = {
    Tag.LABEL: {"pneumonia": _phrases("pneumonia, pneumonias, pneumonic")},
    Tag.WORD: {
        "": _phrases(
            "in order to, the eye, lies with, rests with, belongs to, is up to, up to, on the one hand, primary area, primary region, primary zone, primary contributor, primary focus, at present, at this time"
        )
    },
    Tag.MODE: {
        "screening": _phrases("screening, screening point, screening threshold"),
        "balanced": _phrases("balanced, youden"),
        "rule_in": _phrases("rule in"),
    },
    Tag.MOST: {
        "": _phrases(
            "strongest, greatest, largest, biggest, highest, maximal, maximum, largest share"
        )
    },
    Tag.SIGN: {
        "pneumonia": _phrases("""
        consolidation, consolidative, consolidations, infiltrate, infiltrates, infiltration,
        opacity, opacities, opacification, opacified, airspace disease, air space disease,
        airspace, air space, airspace opacity, shadowing,
        shadow, shadows, density, densities, increased density, increased opacity, increased opacification, increased shadowing,
        increased attenuation, increased densities, inflammatory change, inflammatory changes""")
    },
    Tag.SIDE: {
        "right": _phrases("right, right sided, rightsided, dextral"),
        "left": _phrases("left, left sided, leftsided"),
        "bilateral": _phrases("""bilateral, bilaterally, both sides, both lungs, both lung fields,
            both hemithoraces, both lower zones, each lung, each side, either side, either lung,
            on both, two lungs"""),
        "one": _phrases(
            "unilateral, unilaterally, contralateral, opposite side, other side, other lung"
        ),
    },
    Tag.LEVEL: {
        "upper": _phrases("upper, superior, apical, apex, apices, top"),
        "middle": _phrases("middle, mid, midzone, midlung, midzones, mid zone, central, centrally"),
        "lower": _phrases("lower, inferior, basal, base, bases, basilar, bibasal, bottom, lowest"),
    },
    Tag.PLACE: {
        "": _phrases("""
        outside the lung, outside the lungs, outside the lung fields, hilar, hilum, hila, perihilar, lingula, lingular, retrocardiac, peripheral, subpleural,
        cardiophrenic, paratracheal, posterior, anterior, lateral segment, segment, segmental,
        infrahilar, suprahilar, paracardiac, parenchymal, fissure""")
    },
    Tag.REGION: {
        "": _phrases("""
        zone, zones, lobe, lobes, region, regions, area, areas, sixth, third, field, location, locations, sides, laterality,
        site, quadrant, side, place, particular region, single region, specific region,
        localised area, spot, where""")
    },
    Tag.LUNG: {
        "": _phrases("lung, lungs, pulmonary, lung fields, lung field, chest, thorax, thoracic")
    },
    Tag.NEGATION: {
        "": _phrases("""
        no, not, never, none, neither, nor, without, cannot, lack, lacks, lacking, fails, failed,
        fail, nothing, nowhere, nobody, n't,
        hardly, barely any, negative, unable, devoid, denies, rather than,
        neither of, non, insufficient, inadequate, scant, not enough""")
    },
    Tag.EXCLUDE: {
        "": _phrases("""
        exclude, excludes, excluded, excluding, exclusion, rule out, rules out, ruled out,
        ruling out, absent, absence, free of, free from, cleared of, dismiss, dismissed,
        discount, discounted, against, evidence against, speaks against, argue against, disprove, disproved, disproves, refute, refutes, refuted, ruled-out,
        argues against, reject, rejected""")
    },
    Tag.NORMAL: {
        "": _phrases("""
        normal, normally, in order, as it should, as it should be, as should be, normality, unremarkable, clear, clean, healthy, intact, within normal limits,
        no abnormality, no abnormalities, no acute, no active, preserved, benign, reassuring,
        negative study, negative film, abnormality free, well aerated, well expanded,
        fully expanded, sharp, ok, okay, fine, good health, disease free, symptom free,
        no cardiopulmonary, free of disease, noncontributory, not remarkable, no disease,
        no pathology, no significant, nothing significant, nothing abnormal, no concern,
        no concerns, no cause for concern, nothing to worry about, no worrying, all good""")
    },
    Tag.OTHER: {
        "": _phrases("""
        other lung zones, other lung zone, other zones, other zone, other lung fields, remaining lung zones, remaining zones, other finding, other findings, other label, other labels, other abnormality,
        other abnormalities, other disease,  other diseases, other condition, other conditions,
        other structure, other structures, other region, other regions, other area, other areas,
        other organ, other organs, other pathology, other pathologies, other lesion,
        other lesions, other process, other diagnosis, other diagnoses, additional finding, additional findings, further finding,
        further findings, further abnormality, additional abnormality, anything else,
        everything else, nothing else, all else, else, elsewhere, the rest, remainder, remaining,
        pathology, pathologies, disease,
        diseases, condition, conditions,
        structure, structures, organ, organs, process, otherwise, the others, others, illness,
        illnesses, disorder, disorders""")
    },
    Tag.BARE: {"": _phrases("lesion, lesions")},
    Tag.EXCEPT: {
        "": _phrases("""
        other than, everything other than, everything apart from, everything beyond, apart from, besides, except, except for, beyond, aside from, only, solely,
        exclusively, alone, with the exception of, but for, limited to, confined to, restricted to,
        only label, just one""")
    },
    Tag.BUT: {
        "": _phrases("""
        but, however, yet, although, though, whereas, while, nevertheless, nonetheless,
        still, despite, on the other hand, albeit""")
    },
    Tag.PRESENT: {
        "": _phrases("""
        evidence, evident, sign, signs, feature, features, finding, findings, present, presence,
        seen, see, sees, visible, visualised, visualized, show, shows, showed, shown, showing, demonstrate,
        demonstrates, demonstrated, detect, detects, detected, detection, identify, identifies,
        identified, find, finds, found, flag, flags, flagged, flagging, positive, appear, appears,
        appearance, appearances, reveal, reveals, revealed, indicate, indicates, indicated, indicating,
        indication, recognise, recognised, recognize, recognized, exist, exists, noted, noting, note, notes, recorded, records,
        there is, there are, pattern, patterns, picture of, changes, has, harbours, call, called, calls,
        report positive, raised, raise, raises, alert, alerts, trigger, triggers, triggered, observed, observes, observe,
        depicts, depicted, marked as, picks up, picked up, affected, involved,
        involves, involvement, manifest, manifests, classified as, classifies, classify, classified, labelled, labeled, predicts,
        predict, predicted, prediction""")
    },
    Tag.HEDGE: {
        "": _phrases("""
        suggest, suggests, suggested, suggesting, suggestive, consistent with, consistent,
        compatible, in keeping with, in line with, suspicious, suspicion, suspect, suspected, suspects, possible, can not be ignored, cannot be ignored, should not be ignored, cannot be overlooked, cannot be disregarded, should not be dismissed, cannot be dismissed,
        possibly, possibility, probable, probably, likely, may, might, could, concerning, concern,
        favours, favors, favour, favor, favouring, favoring, points to, point to, points towards, pointing to, supports,
        support, supporting, supportive, raises the possibility, indicative, indicative of, presumed,
        presumptive, potential, potentially, appears to, seems, seem, plausible, compatible with,
        speaks for, fits, fit, in favour of, in favor of, corresponds, corresponding to, characteristic,
        leading consideration, main consideration, first consideration, expected, would be, conceivable, perhaps""")
    },
    Tag.STRONG: {
        "": _phrases("""
        highly likely, very likely, most likely, highly probable, very probable, high probability, high likelihood,
        high score, high, strongly, strong, highly suggestive, strongly suggests, elevated,
        very high, pronounced, high confidence, highly""")
    },
    Tag.WEAK: {
        "": _phrases("""
        unlikely, improbable, low, low probability, low likelihood, low score, very low,
        doubtful, remote, small probability, small chance, little chance, negligible, weak, weakly, rather low,
        questionable, rarely, scarcely, less likely, not likely""")
    },
    Tag.MODERATE: {
        "": _phrases("""
        moderate, moderately, intermediate, medium, fifty fifty, moderate probability, toss up""")
    },
    Tag.CERTAIN: {
        "": _phrases("""
        exact, exactly, precise, precisely, if not certain, if not definite, definite, definitely, definitive, definitively, certain, certainly, certainty, undoubtedly, doubtless,
        no doubt, without doubt, beyond doubt, confirmed, confirms, confirm, confirming, confirmation, proven, prove, proves, proved, proof,
        conclusive, conclusively, pathognomonic, diagnostic, unequivocal, unequivocally, unmistakable,
        obvious, obviously, surely, sure, guarantee, guarantees, guaranteed, undeniable, established, establish, establishes, clearly shows, always, must be,
        clearly has, infallible, absolute, diagnosed, suffers, suffering, suffer, afflicted, contracted, established diagnosis, without question, known case, clear decision, clear distinction, clear classification, clear cut, clear answer, corroborate, corroborated, corroborates, corroboration, assurance""")
    },
    Tag.ABOVE: {
        "": _phrases("""
        above, exceed, exceeds, exceeded, exceeding, over, higher than, greater than, more than,
        larger than, surpass, surpasses, surpassed, surpassing, passes, passed, past, cross,
        crosses, crossed, crossing, reach, reaches, reached, meets, meet, met, in excess of, tops,
        satisfies, satisfied, fulfils, overshoots, clears the operating point, clears the threshold, clears the cut off, clears its threshold, clears its operating point, upwards of, on the positive side, higher, bigger than, attains, attained""")
    },
    Tag.BELOW: {
        "": _phrases("""
        below, under, lower than, less than, short of, falls short, beneath, smaller than,
        underneath, fewer than, fall short of, falls short of, fell short of, undershoots, on the negative side""")
    },
    Tag.NEAR: {
        "": _phrases("""
        borderline, close to the, marginal, marginally, equivocal, indeterminate, near the, near its, close to its, just, slightly, barely, narrowly,
        around the, about the, at the edge, on the edge, on the verge, practically at, virtually at, almost at, very near, very close, near, may or may not, in the balance, uncertain, grey zone, gray zone, scarcely above, a little, inconclusive,
        near to, next to, close to, ambiguous, close enough, hair above, adjacent to, undecided, uncertain zone, nearly at""")
    },
    Tag.FAR: {
        "": _phrases(
            "well, far, clearly, comfortably, considerably, substantially, much, widely, by a wide margin, by a large margin, significantly, distinctly, decisively"
        )
    },
    Tag.POINT: {
        "": _phrases("""
        operating point, operating points, operating threshold, threshold, thresholds, borderline band, cut off, cutoff, cutoffs, cut point,
        cutpoint, decision point, decision threshold, decision limit, decision level, decision boundary,
        trigger level, action level, decision cut off, limit of decision, point, limit, mark, bar, criterion, set point""")
    },
    Tag.PROBABILITY: {
        "": _phrases("""
        probability, probabilities, likelihood, score, scores, chance, chances, calibrated probability, confidence,
        confidence score, model score, output, value, figure, estimate, estimates, result, estimated, risk, model output,
        rating, confident, reading of, p, prob""")
    },
    Tag.INTERVAL: {
        "": _phrases("""
        interval, intervals, confidence interval, ci, range, ranging, ranges, bound, bounds, lower bound, upper bound,
        lower limit, upper limit, limits, between, uncertainty, uncertainty range, spans, spanning, span,
        from, lower end, upper end, lower and upper, low end, high end, margin of error, credible interval, ranged""")
    },
    Tag.DIFFERENCE: {"": _phrases("margin, difference, gap, distance, away from")},
    Tag.SHARE: {
        "": _phrases(
            "share, proportion, fraction, portion, mass, activation mass, heat, weight, part"
        )
    },
    Tag.GATE: {"": _phrases("gate, gate score, gatekeeper, input check, quality gate, acceptance")},
    Tag.METRIC: {
        "sensitivity": _phrases("sensitivity, sensitivities, recall"),
        "specificity": _phrases("specificity"),
        "auc": _phrases("auc, area under the curve, auroc, roc auc"),
        "accuracy": _phrases("accuracy"),
        "ece": _phrases("ece, calibration error, expected calibration error"),
        "ppv": _phrases("positive predictive value, ppv, predictive value, precision"),
    },
    Tag.PERCENT: {"": _phrases("%, percent, per cent, percentage, percentage points, pct")},
    Tag.ASSESS: {
        "": _phrases("""
        assess, assesses, assessed, assessing, assessment, assessable, evaluate, evaluated, evaluates, evaluating, evaluation, examine,
        examined, examines, cover, covers, covered, covering, coverage, scored, scoring, rate, rated, rates, judged, judge, judges, analysed,
        analyzed, analyse, analyses, analyze, considered, address, addressed, addresses, comment, commented, comments,
        statement, statements, claim, claims, inspected, checked, check, checks, checking, looked at, looks at, look at, interpreted, reviewed by the model,
        included in, part of this report, part of this analysis, part of this assessment, part of the, opinion, conclusion, conclusions, conclude, concluded, inference, inferred, information, investigated, reported on, report on, reports on,
        tested, test, tests, mention, mentioned, mentions, described, describe, describes, judging, discussed, say about, said about, says about, said, say, says, speak, speaks to, spoken to, commentary, judgement, judgment, remark, remarks, verdict,
        appraised, appraisal, screened for, looked for, looks for, look for, tell, tells, known, know, drawn, infer, data, target, targets, targeted, in scope, within scope, surveyed""")
    },
    Tag.NOT_ASSESSED: {
        "": _phrases("""
        unassessed, unevaluated, unexamined, unscored, not assessed, outside the scope, out of scope, out of the scope, beyond the scope,
        outside the remit, outside the model scope, beyond the model scope, outside its field, outside its scope, beyond its scope, outside its remit, outside what the model, outside of the scope, beyond the remit, outside this analysis, outside the analysis,
        not in scope, left out, left unassessed, outside scope, left open, remain open, remains open, beyond the reach, was left aside, left aside""")
    },
    Tag.MEAN: {
        "": _phrases("""
        mean, means, meant, signify, signifies, imply, implies, implied, equate, equates, equivalent, taken as, taken to be, read as,
        interpreted as, understood as, amount to, amounts to, same as, regarded as, taken for, mistaken for, tantamount, be construed as, construed as,
        imply that, confused with, indicate that they are, the same thing as, considered as, treated as, statement of, necessarily, proof of""")
    },
    Tag.DISCLAIM: {
        "": _phrases("""
        diagnosis, diagnoses, diagnose, diagnosing, replace, replaces, replacing, replacement, substitute, substitutes, substitution,
        localise, localises, localize, localizes, localisation, localization, localising, localizing, pinpoint, pinpoints, locate, locates,
        medical device, device approved, approved, validated, intended, suitable, used, use, uses, relied, rely, reliance, reliable, apply, applies,
        transfer, transfers, valid, generalise, generalize, generalises, generalizes, hold, holds, accurate, trustworthy, stand alone, standalone, final, licensed, cleared for, certified, decide, decides, settle, settles, sole, suffice, sufficient, enough, outline, outlines, delineate, delineates, contour, interchangeable, segmentation, transferable, applicable, acted on, act on, acted upon""")
    },
    Tag.PURPOSE: {
        "": _phrases(
            "for, intended, meant for, basis, guide, guides, guiding, replace, substitute, inform, used, use, drive, direct, purposes, purpose, grounds, foundation, instead of, support"
        )
    },
    Tag.HEAT: {
        "": _phrases("""
        heat map, heatmap, heat maps, grad cam, gradcam, saliency, saliency map, activation, activations, activation map, attention,
        attention map, class activation, class activation map, highlighted, highlight, highlights, highlighting, hot spot, hotspot, signal, signals, activity, area of interest, region of interest, zone of interest, areas of interest, regions of interest, area of greatest interest, region of greatest interest, area of highest interest, most active, most active part, most active area, warmest, hottest, heat map activation""")
    },
    Tag.MODEL: {
        "": _phrases("""
        model, models, classifier, algorithm, network, neural network, ai, ai model, software, system, tool, resnet50, resnet 50, resnet,
        convolutional, deep learning, machine learning, artificial intelligence, computer, automated, automatic, programme, program, cnn, analysis""")
    },
    Tag.TRAIN: {
        "": _phrases("""
        trained, train, training, developed, development, population, learned, learnt, built, trained on, training set,
        training data, training population, cohort, data set, dataset, trained with, taught, derived, made for, created""")
    },
    Tag.AGE: {
        "": _phrases("""
        year, years, year old, years old, yr, yrs, aged, age, ages, age range, old, child, children, paediatric, pediatric, adult, adults,
        infant, infants, toddler, toddlers, boy, girl, elderly, adolescent, adolescents, teenager, months, month, newborn,
        neonate, neonates, neonatal, older, younger, kid, kids, baby, geriatric, young, preschool, preschoolers, grown up, grown ups, schoolchildren""")
    },
    Tag.SEX: {
        "F": _phrases("female, girl, woman, she, her"),
        "M": _phrases("male, boy, man, he, his"),
    },
    Tag.PRIOR: {
        "": _phrases("""
        than before, as before, prior, priors, previous, previously, earlier, comparison, compared, compare, comparisons, last, former, baseline, past study,
        prior study, prior studies, prior film, prior films, previous study, previous film, previous films, old film, old films, preceding, historical""")
    },
    Tag.CHANGE: {
        "": _phrases("""
        increase, increased, increases, increasing, decrease, decreased, decreasing, decreases, unchanged, stable, remained, new, newly, progress, progressed,
        progression, progressive, progressing, improve, improved, improving, improvement, worse, worsened, worsening,
        interval change, interval increase, interval decrease, interval improvement, interval worsening, resolved, resolving, resolution, regress, regression, regressed,
        enlarging, grown, growing, growth, recurrent, recurrence, persistent, persists, persist, persisting, chronic, again, since last, since then, yesterday,
        ago, longstanding, evolved, evolving, residual, healed, healing, subsided, cleared up, cleared, clearing, change over time, changes over time, change, changed, over time, trend, tomorrow, remains, remain, remaining stable, today, onset, advanced, receding, recovered, recovery""")
    },
    Tag.TREATMENT: {
        "": _phrases("""
        antibiotic, antibiotics, amoxicillin, azithromycin, ceftriaxone, penicillin, steroid, steroids, prednisolone, oxygen, admit,
        admission, admitted, discharge, discharged, hospitalise, hospitalised, hospitalisation, hospitalized, hospitalization, intubate, intubation, ventilate, ventilation, prescribe, prescribed,
        prescription, dose, doses, dosage, mg, ml, milligram, milligrams, mcg, kg, daily, twice, tablet, tablets, drug, drugs, medication, medications,
        medicine, course of, surgery, surgical, operation, biopsy, bronchoscopy, drainage, thoracentesis, vaccine, vaccination, inhaler, bronchodilator,
        ct, mri, ultrasound, computed tomography, tomography, sputum, culture, blood test, pcr, lateral view, repeat, follow up, followup, monitoring, admission to, icu, intensive care, emergency, isolate, isolation, rest at, fluids, paracetamol, ibuprofen, antiviral, antivirals, oseltamivir, macrolide, macrolides, cephalosporin, nebuliser, physiotherapy, weeks, week, days, day, hours, hour, urgent, urgently, immediately""")
    },
    Tag.CARE: {
        "": _phrases(
            "treatment, treatments, treat, treated, treating, therapy, therapies, therapeutic, management, clinical decision, clinical decisions, decision, decisions, patient care, care, clinical use, clinical practice, clinical purposes, decision making, triage, medical"
        )
    },
    Tag.NEED: {
        "": _phrases(
            "calls for, call for, needed, need, needs, required, requires, require, necessary, necessity, warranted, indicated, started, start, begin, give, given, mandatory, unnecessary, superfluous"
        )
    },
    Tag.ADVICE: {
        "person": _phrases("""
        radiologist, radiologists, radiologist's, physician, physicians, doctor, doctors, clinician, clinicians,
        clinical team, medical team, medical staff, medical professional, healthcare professional, health professional, expert, specialist, reader, readers, reporting radiologist"""),
        "": _phrases("""
        history, clinical correlation, correlation, correlate, correlated, correlates, clinical context, clinical findings,
        clinical finding, clinical picture, clinical presentation, clinical signs, clinical information,
        symptoms, symptom, clinical symptoms, clinical status, clinical features, clinical examination,
        clinical situation, clinical data, clinical evaluation, clinical assessment, clinical judgement,
        clinical judgment, clinical history"""),
    },
    Tag.VIEW: {
        "PA": _phrases("pa, posteroanterior, postero anterior"),
        "AP": _phrases("ap, anteroposterior, antero posterior"),
        "lateral": _phrases("lateral, supine, erect, portable, decubitus, oblique"),
    },
    Tag.ATTRIBUTE: {
        "": _phrases("""
        low grade, high grade, grade, mild, mildly, small, large, minimal, minor, marked, markedly, considerable, substantial, big, bigger, severe, severely, severity, extent, extensive, extensively, massive, tiny, multifocal, unifocal, diffuse, diffusely,
        dense, lobar, multilobar, acute, subacute, bacterial, viral, fungal, bronchopneumonia, bronchial, interstitial, nodular, cavitary,
        cavitating, necrotising, necrotizing, aspiration, atypical, mycoplasma, streptococcal, pneumococcal, complicated, uncomplicated, organising, organizing,
        community acquired, hospital acquired, ground glass, confluent, streaky, reticular, round, rounded, spreading, widespread, multiple, numerous,
        several, scattered, life threatening, serious, dangerous, critical, critically, early, late, advanced stage, centimetre, centimeter, cm, mm, millimetre, size,
        sized, measuring, two, second, additional, another, also in, contagious, sepsis, septic, virus, bacteria, bacterium, opportunistic, superinfection, loculated, peribronchial, linear, whole lung, entire lung, coarse, well defined, homogeneous, heterogeneous, caused by, due to, cause, aetiology, etiology""")
    },
    Tag.TEXTURE: {
        "": _phrases("patchy, hazy, ill defined, fluffy, cloudy, indistinct"),
        "one": _phrases("focal, circumscribed, localised, localized"),
        "borderline": _phrases("faint, subtle, vague"),
    },
    Tag.NATURE: {"": _phrases("infectious, infection, infective, inflammatory, inflammation")},
    Tag.UNPLACED: {
        "": _phrases("""
        unspecified, undetermined, unlocalised, unlocalized, location unknown, no particular region, no particular zone,
        no specific region, no specific zone, no single region, no single zone, no particular side, no specific side, no defined region, not localised, not lateralised""")
    },
    Tag.PLACING: {
        "": _phrases(
            "specified, determined, assigned a region, lateralised, singled out, single out, singles out, localisable"
        )
    },
    Tag.ORGAN: {
        "pleura": _phrases(
            "pleura, pleural, pleural space, pleural spaces, costophrenic, costophrenic angle, costophrenic angles, diaphragm, hemidiaphragm, hemidiaphragms, diaphragms, sulcus, sulci"
        ),
        "heart_mediastinum": _phrases(
            "heart, cardiac, mediastinum, mediastinal, aorta, aortic, trachea, tracheal, cardiomediastinal, cardiac silhouette, silhouette, heart size, great vessels, vessels, vasculature, pulmonary vasculature, vascular, airway, airways, cardiothoracic ratio, carina, cardiomediastinal silhouette, bronchi, bronchus, oesophagus, esophagus, thymus, thymic"
        ),
        "bones_soft_tissue": _phrases(
            "bone, bones, bony, osseous, soft tissue, soft tissues, rib, ribs, spine, skeleton, skeletal, thoracic cage, clavicle, clavicles, shoulder, shoulders, vertebra, vertebrae, vertebral, scapula, sternum, chest wall, skin, breast, breasts, muscle, muscles, abdomen, abdominal, liver, stomach, bowel, neck"
        ),
    },
    Tag.DEVICE: {
        "devices": _phrases(
            "device, devices, tube, tubes, line, lines, catheter, catheters, pacemaker, lead, leads, endotracheal tube, ett, nasogastric tube, ng tube, central line, picc, wire, wires, clip, clips, stent, drain, drains, chest tube, implant, implants, hardware, sternotomy, prosthesis, valve, port, tracheostomy, electrode, electrodes, support devices, medical devices, sutures, screw, screws, foreign body, foreign bodies, foreign object, implanted devices, instrument, instruments"
        )
    },
    Tag.FOREIGN: {
        "": _phrases("""
        effusion, effusions, air bronchogram, air bronchograms, pneumothorax, pneumothoraces, cardiomegaly, fracture, fractures, fractured, nodule, nodules, tumour, tumor, tumours, tumors, malignancy, malignant,
        cancer, carcinoma, metastasis, metastases, metastatic, tuberculosis, tb, tuberculous, oedema, edema, congestion, congestive, atelectasis, atelectatic, collapse, collapsed,
        covid, covid 19, sars cov 2, coronavirus, bronchitis, bronchiolitis, bronchiectasis, emphysema, emphysematous, fibrosis, fibrotic, copd, asthma, hernia, scoliosis, kyphosis, granuloma,
        granulomas, abscess, empyema, cavity, cavities, cavitation, cyst, cysts, bulla, bullae, hyperinflation, hyperinflated, air trapping, haemorrhage, hemorrhage, embolism, embolus, infarct,
        pneumonitis, lymphadenopathy, adenopathy, lymph nodes, lymph node, calcification, calcifications, calcified, scarring, scar, thickening, plaque, plaques, pneumomediastinum, pneumoperitoneum, haemothorax, hemothorax,
        hydropneumothorax, fluid, air under, widening, widened, enlarged, enlargement, heart failure, cardiomyopathy, influenza, rsv, flu, silicosis, asbestosis, pneumoconiosis, sarcoidosis, sarcoid, lymphoma, leukaemia,
        leukemia, cystic fibrosis, ards, respiratory distress, croup, whooping cough, pertussis, dislocation, osteopenia, osteoporosis, deviation, deviated, shift, shifted, hyperlucency, lucency, aspirated, free air, trauma, injury, injuries, contusion,
        fever, cough, coughing, wheeze, dyspnoea, dyspnea, breathlessness, septicaemia, rickets, pericardial, pericarditis, myocarditis, congenital, malformation, aneurysm, dissection, hypertension, blunting, blunted, elevation, elevated hemidiaphragm, water, blood, gas, swelling, swollen, broken, growths, lump, lumps, death, mortality, prognosis, survive""")
    },
}
