#!/bin/sh
# Options and commands of minio may be given without its name.
if [ "${1}" != "minio" ] && [ -n "${1}" ]; then
    set -- minio "$@"
fi
exec "$@"
