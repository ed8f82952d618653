#!/usr/bin/env bash
# Every check of the project, each named with its time: `bash gates.sh`, or `bash gates.sh fast` for the first four.
# Goes on after a failure; the last line counts tests and gates, and the exit code says whether all passed.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1

root=$PWD
passed=0
failed=0
# Everything the gates make outside the tree is in here, so that what is left at the end was left by a test.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-gates.XXXXXX") || exit 1
report=$scratch/report.json
# What failed, one a line, to be said once more at the end: the lines above it may be thousands.
failures=$scratch/failures

debian_bin=/usr/lib/postgresql/15/bin
debian_data=$scratch/postgres15

clean_up() {
  stop_debian_postgres
  rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Adds what vitest counted; a run without a report is one failure.
count_tests() {
  local counts
  if ! counts=$(node -e '
    const { appendFileSync, readFileSync } = require("node:fs");
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(process.argv[1], "utf8"));
    const broken = testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
    const failed = testResults.flatMap((file) => file.assertionResults.filter(({ status }) => status === "failed")
      .map(({ fullName, failureMessages }) => `${file.name}: ${fullName}: ${String(failureMessages[0]).split("\n")[0]}`));
    const lines = [...failed, ...broken.map(({ name, message }) => `${name}: ${message}`)];
    appendFileSync(process.argv[2], lines.map((line) => `${line.slice(0, 400)}\n`).join(""));
    console.log(numPassedTests, numFailedTests + broken.length);
  ' "$report" "$failures"); then
    failed=$((failed + 1))
    return
  fi
  passed=$((passed + ${counts% *}))
  failed=$((failed + ${counts#* }))
  # A run may fail although every test passed: an unhandled error, a leak, a broken setup.
  if [ "$1" -ne 0 ] && [ "${counts#* }" -eq 0 ]; then failed=$((failed + 1)); fi
  rm -f "$report"
}

# gate NAME COMMAND…: runs, names, times and counts one step.
gate() {
  local name=$1 started=$SECONDS status outcome=passed
  shift
  printf '\n── %s\n' "$name"
  "$@"
  status=$?
  if [ "$status" -ne 0 ]; then outcome=FAILED; fi
  if [ -f "$report" ]; then
    count_tests "$status"
  elif [ "$status" -eq 0 ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
  if [ "$status" -ne 0 ]; then printf '%s\n' "the gate: $name" >> "$failures"; fi
  printf '── %s: %s in %s s\n' "$name" "$outcome" "$((SECONDS - started))"
}

skip() { printf '\n── %s: skipped, %s\n' "$1" "$2"; }

install_packages() { npm ci --no-fund --no-audit --loglevel=error; }

tests() { npx vitest run --project "$1" --reporter=default --reporter=json --outputFile.json="$report"; }

# The production platform runs Node 22; the registry's `node` package brings one.
unit_on_node_22() {
  local cache=$root/node_modules/.cache/node22
  if [ ! -x "$cache/node_modules/node/bin/node" ]; then
    mkdir -p "$cache" || return 1
    # Its install script fetches the binary of this platform.
    printf '{ "private": true, "allowScripts": { "node": true } }\n' > "$cache/package.json"
    npm install --prefix "$cache" --no-save --no-fund --no-audit --loglevel=error node@22 || return 1
  fi
  UNIT_ON_ANOTHER_NODE=1 PATH=$cache/node_modules/node/bin:$PATH tests_on_this_node unit
}

tests_on_this_node() {
  node --version
  node node_modules/vitest/vitest.mjs run --project "$1" --reporter=default --reporter=json --outputFile.json="$report"
}

have_debian_postgres() {
  [ -x "$debian_bin/postgres" ] && return 0
  can_apt_install && apt_install postgresql-15 && [ -x "$debian_bin/postgres" ]
}

can_apt_install() { [ "$(id -u)" -eq 0 ] && command -v apt-get > /dev/null; }

apt_install() {
  local log=$scratch/apt.log
  { apt-get install -y --no-install-recommends "$@" || { apt-get update && apt-get install -y --no-install-recommends "$@"; }; } \
    > "$log" 2>&1 && return 0
  tail -n 5 "$log"
  return 1
}

# PostgreSQL refuses to run as root.
unprivileged() {
  if [ "$(id -u)" -eq 0 ]; then
    setpriv --reuid nobody --regid nogroup --clear-groups -- env HOME=/tmp "$@"
  else
    "$@"
  fi
}

database_on_debian() {
  chmod 711 "$scratch"
  mkdir "$debian_data" || return 1
  if [ "$(id -u)" -eq 0 ]; then chown nobody:nogroup "$debian_data"; fi
  # Passwords are asked for, as everywhere else: some tests try what happens with a wrong one.
  printf 'only-for-this-run\n' > "$scratch/password"
  unprivileged "$debian_bin/initdb" -D "$debian_data/data" -U gates -A scram-sha-256 --pwfile="$scratch/password" \
    -N --locale=C -E UTF8 > "$scratch/initdb.log" || return 1
  unprivileged "$debian_bin/pg_ctl" -D "$debian_data/data" -w -l "$debian_data/log" \
    -o "-c listen_addresses= -c fsync=off -c max_connections=200 -k $debian_data" start > /dev/null || return 1
  "$debian_bin/postgres" --version
  TEST_DATABASE_URL="postgres://gates:only-for-this-run@/postgres?host=$debian_data" tests db
  local status=$?
  stop_debian_postgres
  return "$status"
}

stop_debian_postgres() {
  [ -f "$debian_data/data/postmaster.pid" ] || return 0
  unprivileged "$debian_bin/pg_ctl" -D "$debian_data/data" -m fast -w stop > /dev/null
}

have_chromium() {
  command -v chromium > /dev/null && return 0
  can_apt_install && apt_install chromium && command -v chromium > /dev/null
}

# What the tests run in terminals; without it and without the right to install it they say that they are skipped.
install_programs() {
  local program
  for program in vim zsh fish; do command -v "$program" > /dev/null || { can_apt_install && apt_install "$program"; }; done
}

have_shellcheck() {
  command -v shellcheck > /dev/null && return 0
  can_apt_install && apt_install shellcheck && command -v shellcheck > /dev/null
}

shell_scripts() {
  local script
  for script in deploy-dual.sh gates.sh .ci/run scripts/platform/launch.sh; do bash -n "$script" || return 1; done
  shellcheck --severity=warning gates.sh .ci/run &&
    shellcheck deploy-dual.sh scripts/platform/launch.sh server/shells/holdfast.bash
}

# Processes of this clone, our sockets and our temporary folders: what there is, one a line.
traces() {
  ps -eo pid=,args= | grep -F -e "$root/" -e holdfast- | grep -Ev 'grep|--service=|gates' | sed 's/^ */process /'
  find /tmp "${TMPDIR:-/tmp}" -maxdepth 2 \( -name '*holdfast*' -o -name 'hf-*' -o -name '.s.PGSQL*' -o -name '*.sock' \) \
    -not -path "$scratch*" 2> /dev/null
}

# An instance may run beside the gates, so only what is new counts; the last process may need a moment to go.
nothing_left() {
  local left
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    left=$(comm -13 <(sort -u "$scratch/before") <(traces | sort -u))
    if [ -z "$left" ]; then return 0; fi
    sleep 1
  done
  printf 'left behind:\n%s\n' "$left"
  return 1
}

if [ ! -d node_modules ]; then gate 'install' install_packages; fi
gate 'format' npm run --silent format:check
gate 'lint' npm run --silent lint
gate 'types' npm run --silent types
gate 'imports' npm run --silent check:imports

if [ "${1:-}" != fast ]; then
  traces > "$scratch/before"
  if have_shellcheck; then
    gate 'shell scripts' shell_scripts
  else
    skip 'shell scripts' 'there is no shellcheck, and it cannot be installed here'
  fi
  install_programs
  gate 'unit' tests unit
  gate 'unit on Node 22' unit_on_node_22
  gate 'database, embedded' tests db
  if have_debian_postgres; then
    gate 'database, PostgreSQL 15' database_on_debian
  else
    skip 'database, PostgreSQL 15' 'it is not installed and cannot be'
  fi
  gate 'build' npm run --silent build
  if have_chromium; then
    gate 'end to end' tests e2e
  else
    printf 'There is no Chromium, and it cannot be installed here.\n'
    gate 'end to end' false
  fi
  gate 'nothing left behind' nothing_left
fi

if [ -s "$failures" ]; then printf '\nWhat failed:\n' && cat "$failures"; fi
printf '\n%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
