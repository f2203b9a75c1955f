#!/bin/sh
# As in the official image: options are Authelia's, anything else is a command.
case ${1-} in
--*) exec authelia "$@" ;;
*) exec "$@" ;;
esac
