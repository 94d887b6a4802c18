-- No lock and no trigger: the id comes from the sequence, as it would by default. Readers lose events.
DROP TRIGGER events_take_id ON events;
ALTER TABLE events ALTER COLUMN id SET DEFAULT nextval('events_id');
