-- The same as `unlocked`, once more: what comes out differently is noise.
\ir unlocked.sql
