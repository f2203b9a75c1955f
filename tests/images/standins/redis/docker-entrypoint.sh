#!/bin/sh
# Start the server as user redis, with a configuration file or options as its arguments.
set -e
case ${1:-} in
    -* | *.conf) set -- redis-server "$@" ;;
esac
if [ "$1" = redis-server ]; then
    if [ "$(id -u)" = 0 ]; then
        find . ! -user redis -exec chown redis {} +
        exec setpriv --reuid=redis --regid=redis --clear-groups "$0" "$@"
    fi
    shift
    case ${1:-} in
        *.conf) file=$1 && shift ;;
    esac
    # The official server is built with this default.
    set -- redis-server ${file:+"$file"} --protected-mode no "$@"
fi
exec "$@"
