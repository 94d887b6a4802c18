# Runs a PostgreSQL: obeys the commands on its standard input, and answers each with a line, its exit code. The pipe
# closes in whatever way the process at the other end terminates, and then nothing is left behind.
# Arguments: the directory of PostgreSQL's programs, and one for the data, which exists and is empty.
bin=$1 dir=$2
stop() { "$bin/pg_ctl" stop -D "$dir/data" -m immediate >>"$dir/log" 2>&1 </dev/null; }
while read -r command argument; do
    case $command in
    init)
        "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --no-locale --no-sync \
            >>"$dir/log" 2>&1 </dev/null ;;
    copy)
        "$bin/pg_basebackup" -D "$dir/data" -h 127.0.0.1 -p "$argument" -U postgres -R -c fast --no-sync \
            >>"$dir/log" 2>&1 </dev/null ;;
    promote) "$bin/pg_ctl" promote -D "$dir/data" >>"$dir/log" 2>&1 </dev/null ;;
    set) printf '%s\n' "$argument" >>"$dir/data/postgresql.conf" ;;
    start)
        "$bin/pg_ctl" start -D "$dir/data" -l "$dir/log" -o "-p $argument" >/dev/null 2>&1 </dev/null ;;
    stop) stop ;;
    esac
    echo $?
done
stop
rm -rf "$dir"
