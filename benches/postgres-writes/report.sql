-- A ratio is always to `unlocked` in the same round.
SELECT '| clients | variant | transactions/s, median (min–max) | of `unlocked`, median (min–max) |'
UNION ALL
SELECT '| ---: | --- | ---: | ---: |';
SELECT format(
    '| %s | `%s` | %s (%s–%s) | %s %% (%s–%s) |',
    clients,
    variant,
    round(percentile_cont(0.5) WITHIN GROUP (ORDER BY tps)),
    round(min(tps)),
    round(max(tps)),
    round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ratio)),
    round(min(ratio)),
    round(max(ratio))
)
FROM (
    SELECT it.*, 100 * it.tps / unlocked.tps AS ratio
    FROM results AS it
    JOIN results AS unlocked USING (round, clients)
    WHERE unlocked.variant = 'unlocked'
) AS compared
GROUP BY clients, variant
ORDER BY clients, array_position(ARRAY['unlocked', 'control', 'trigger', 'shared', 'notify', 'exclusive'], variant);
