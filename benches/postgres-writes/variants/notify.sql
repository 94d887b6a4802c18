-- The trigger notifies, too, so that no writer could forget it.
DO $$
DECLARE
    shipped text := pg_get_functiondef('events_take_id'::regproc);
    changed text := replace(shipped, 'RETURN NEW;', 'PERFORM pg_catalog.pg_notify(''dotcast_events'', ''''); RETURN NEW;');
BEGIN
    ASSERT changed <> shipped;
    EXECUTE changed;
END
$$;
