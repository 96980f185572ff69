"""The job core: durable rows, fair claim, lease and fencing, events with `seq`."""
