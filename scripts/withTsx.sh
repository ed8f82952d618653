#!/bin/sh
# Runs scripts/NAME.ts for the entries beside it: withTsx.sh NAME ARGUMENTS…
cd "$(dirname "$0")/.." || exit 1
if [ ! -e node_modules/tsx ]; then
  echo 'The packages are not installed here yet: run scripts/setup.' >&2
  exit 1
fi
name=$1
shift
# exec: Ctrl-C and SIGTERM reach the program itself, and nothing of ours is left when it ends.
exec node --import tsx "scripts/$name.ts" "$@"
