#!/bin/bash
# Start what the arguments say, after the packages that the environment names.
set -e
if [[ -n ${EXTRA_PIP_PACKAGES:-} ]]; then
    # The variable is a list of words.
    # shellcheck disable=SC2086
    pip install $EXTRA_PIP_PACKAGES
fi
if (($# == 0)); then
    exec bash --login
fi
exec "$@"
