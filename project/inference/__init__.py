"""Models, devices and the run context of pipelines. Imports no Django; torch only lazily."""
