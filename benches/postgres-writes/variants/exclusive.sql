-- The lock is exclusive: one transaction at a time, from its event to its commit.
DO $$
DECLARE
    shipped text := pg_get_functiondef('events_take_id'::regproc);
    changed text := replace(shipped, 'pg_advisory_xact_lock_shared', 'pg_advisory_xact_lock');
BEGIN
    ASSERT changed <> shipped;
    EXECUTE changed;
END
$$;
