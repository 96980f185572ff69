"""The search of the worklist."""

import pytest

from tests.xray.factories import make_study
from xray.worklist import worklist

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def test_a_study_is_found_by_its_whole_id_and_by_any_part_of_it(user, private_files):
    study = make_study(user)
    make_study(user)
    whole = str(study.pk)
    for part in (whole, whole[-12:], whole[15:]):
        assert [row.pk for row in worklist(user=user, q=part)] == [study.pk], part
