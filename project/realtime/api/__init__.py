"""REST side of the feed: tickets and the event stream."""
