#!/usr/bin/env bash
# Prints each event of a board once: follow.sh http://127.0.0.1:8000 7
set -u
server=$1 board=$2
last=0 # After this event; 0 for all that are kept.
retry=2000
id='' event='' data=''

while true; do
    while IFS= read -r line; do
        case $line in
        id:*) id=${line#id: } ;;
        event:*) event=${line#event: } ;;
        data:*) data=${line#data: } ;;
        retry:*) retry=${line#retry: } ;;
        '')
            case $event in
            '' | cursor) ;;
            reset) echo "events are missing: $data" >&2 ;;
            bye) exit 1 ;;
            *) printf '%s %s %s\n' "$id" "$event" "$data" ;;
            esac
            last=${id:-$last} id='' event='' data=''
            ;;
        esac
        # A connection that is silent for longer than the server's keep-alives is dead.
    done < <(curl -sSNf --connect-timeout 10 --speed-time 60 --speed-limit 1 \
        -H "Last-Event-ID: $last" "$server/sse/notifications/?board_id=$board")
    # What the cut left of an event comes again.
    id='' event='' data=''
    sleep "$((retry / 1000)).$(printf %03d "$((retry % 1000))")"
done
