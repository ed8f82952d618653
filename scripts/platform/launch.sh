#!/usr/bin/env bash
# Starts one instance where a platform runs it: launch.sh frontend | backend.
# Secrets come in the environment, or in files named by <NAME>_FILE. A process's environment can be read by everything of the
# same account for as long as it lives, so they go on through a descriptor, and this shell becomes the program without them.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# In a release this file stands beside dist/, in the source tree two folders below it.
if [ ! -d "$here/dist" ]; then here=$(cd "$here/../.." && pwd); fi

# The first line names what must not stay in the environment, the second is the secrets.
collected=$(node "$here/dist/scripts/collectSecrets.js" "$@")
names=${collected%%$'\n'*}
exec 3<<< "${collected#*$'\n'}"
unset collected
# shellcheck disable=SC2086 # several names on purpose
unset $names
exec node --enable-source-maps "$here/dist/scripts/runInstance.js" "$@"
