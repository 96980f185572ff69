"""The frozen report in other systems' formats: JSON, PDF, FHIR, DICOM."""
