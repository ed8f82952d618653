#!/usr/bin/env bash
# Does what the Dockerfile does, without an engine: in clean Debian roots, by the same scripts, and runs what comes out of it.
#   sudo scripts/tryImage.sh [--keep]
# Needs root, debootstrap and postgresql-15, and some minutes. It builds no image: docs/homes.md says what that leaves open.
set -euo pipefail

if [ "${1:-}" = --help ] || [ "${1:-}" = -h ]; then
  sed -n '2,4s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
  exit 0
fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ "$(id -u)" -eq 0 ] || { echo 'scripts/tryImage.sh needs root, to make roots of its own.' >&2; exit 1; }

scratch=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-image.XXXXXX")
chmod 755 "$scratch"
base=$scratch/base build=$scratch/build runtime=$scratch/runtime
postgres=/usr/lib/postgresql/15/bin
uid=10001
declare -A instances=()
started=$SECONDS

say() { printf '%4s s  %s\n' "$((SECONDS - started))" "$*"; }

clean_up() {
  local name
  for name in "${!instances[@]}"; do kill -KILL "${instances[$name]}" 2> /dev/null || true; done
  if [ -f "$scratch/data/postmaster.pid" ]; then as_nobody "$postgres/pg_ctl" -D "$scratch/data" -m fast -w stop > /dev/null || true; fi
  if [ "${keep:-}" = yes ]; then say "kept: $scratch"; else rm -rf --one-file-system "$scratch"; fi
}
trap clean_up EXIT
[ "${1:-}" != --keep ] || keep=yes

as_nobody() { setpriv --reuid nobody --regid nogroup --clear-groups -- env HOME=/tmp "$@"; }

free_port() { node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'; }

# in_root ROOT USER COMMAND…: with /proc, /dev and terminals, in namespaces that end with the command.
# With becomes=exec this shell becomes it.
in_root() {
  local root=$1 user=$2
  shift 2
  # shellcheck disable=SC2016,SC2086 # the inner shell's own arguments; exec or nothing
  ${becomes:-} unshare --mount --pid --fork --kill-child -- bash -c '
    root=$1 user=$2; shift 2
    mount -t proc proc "$root/proc"
    mount -t tmpfs -o mode=755 dev "$root/dev"
    for name in null zero full random urandom tty; do touch "$root/dev/$name"; mount --bind "/dev/$name" "$root/dev/$name"; done
    mkdir "$root/dev/pts" "$root/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
    ln -s pts/ptmx "$root/dev/ptmx"; ln -s /proc/self/fd "$root/dev/fd"
    exec chroot --userspec="$user" "$root" "$@"
  ' bash "$root" "$user" "$@"
}

# What the base image is: Debian with Node and npm, and no more.
make_base() {
  local mirror npm_folder
  # shellcheck disable=SC2016 # apt's own variable
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' 'Created-By: Packages' | head -n 1)
  debootstrap --variant=minbase bookworm "$base" "${mirror:-http://deb.debian.org/debian}" > "$scratch/debootstrap.log"
  node_22=$PWD/node_modules/.cache/node22
  if [ ! -x "$node_22/node_modules/node/bin/node" ]; then
    mkdir -p "$node_22"
    printf '{ "private": true, "allowScripts": { "node": true } }\n' > "$node_22/package.json"
    npm install --prefix "$node_22" --no-save --no-fund --no-audit --loglevel=error node@22
  fi
  install -m 755 "$(readlink -f "$node_22/node_modules/node/bin/node")" "$base/usr/local/bin/node"
  npm_folder=$(readlink -f "$(npm root -g)/npm")
  mkdir -p "$base/usr/local/lib/node_modules"
  cp -a "$npm_folder" "$base/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$base/usr/local/bin/npm"
  cp /etc/resolv.conf /etc/hosts "$base/etc/"
}

# The first stage: COPY . ., RUN npm ci, RUN deploy/image/build.sh /out
build_stage() {
  cp -a "$base" "$build"
  mkdir "$build/build"
  git ls-files -z --cached --others --exclude-standard | grep -zvE '\.test\.ts$|^(docs|\.ci)/' \
    | tar --null --files-from=- -cf - | tar -xf - -C "$build/build"
  # Where the registry is and whom to trust on the way there is this machine's matter, and no part of what is tried.
  local authorities=/etc/ssl/certs/ca-certificates.crt
  [ ! -f "$authorities" ] || install -D -m 644 "$authorities" "$build$authorities"
  in_root "$build" 0:0 /usr/bin/env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/root \
    NODE_EXTRA_CA_CERTS="$authorities" NPM_CONFIG_REGISTRY="$(npm config get registry)" \
    HOLDFAST_COMMIT="$(git rev-parse HEAD)" HOLDFAST_BUILT_AT="$(date -u +%FT%TZ)" \
    bash -euc 'cd /build; npm ci --no-fund --no-audit --loglevel=error; deploy/image/build.sh /out'
}

# The last stage: RUN runtime.sh, COPY --from=build /out /app
runtime_stage() {
  mv "$base" "$runtime"
  cp deploy/image/runtime.sh "$runtime/tmp/runtime.sh"
  in_root "$runtime" 0:0 /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin /tmp/runtime.sh
  rm "$runtime/tmp/runtime.sh"
  mv "$build/out" "$runtime/app"
}

# in_image COMMAND…: with the environment and the account that the Dockerfile gives.
in_image() {
  in_root "$runtime" "$uid:$uid" /usr/bin/env -i -C /app PATH=/usr/local/bin:/usr/bin:/bin HOME=/home/holdfast \
    NODE_ENV=production HOST=0.0.0.0 HOLDFAST_HOME=/var/lib/holdfast "$@"
}

start_database() {
  database_port=$(free_port)
  as_nobody mkdir "$scratch/postgres" 2> /dev/null || install -d -o nobody -g nogroup "$scratch/postgres" "$scratch/data"
  install -o nobody -m 400 "$runtime/run/secrets/admin_password" "$scratch/postgres/password"
  as_nobody "$postgres/initdb" -D "$scratch/data" -U holdfast --pwfile="$scratch/postgres/password" -A scram-sha-256 -E UTF8 --locale=C > "$scratch/initdb.log"
  as_nobody "$postgres/pg_ctl" -D "$scratch/data" -w -l "$scratch/data/log" \
    -o "-c listen_addresses=127.0.0.1 -p $database_port -k $scratch/postgres" start > /dev/null
  PGPASSWORD=$(cat "$runtime/run/secrets/admin_password") "$postgres/createdb" -h 127.0.0.1 -p "$database_port" -U holdfast holdfast
}

# start NAME VARIABLE=VALUE… ENTRYPOINT AND ARGUMENTS…
start() {
  local name=$1
  shift
  (becomes="exec" && in_image "$@" > "$scratch/$name.log" 2>&1) &
  instances[$name]=$!
}

# As HEALTHCHECK asks, by its own words.
healthy() {
  local command
  command=$(node -e '
    const text = require("node:fs").readFileSync("Dockerfile", "utf8");
    console.log(JSON.parse(/HEALTHCHECK [^]*?CMD (\[.*\])/.exec(text)[1])[2])')
  in_image PORT="$1" node -e "$command"
}

until_healthy() {
  local name=$1 port=$2 tries=0
  until healthy "$port" 2> /dev/null; do
    tries=$((tries + 1))
    if [ "$tries" -gt 120 ] || ! kill -0 "${instances[$name]}" 2> /dev/null; then
      tail -n 20 "$scratch/$name.log"
      echo "$name is not healthy" >&2
      return 1
    fi
    sleep 0.5
  done
}

# To the init, as an engine does; says how long it took.
stop() {
  local name=$1 init before=$SECONDS status=0
  # The child of unshare in the new namespace became the init.
  init=$(pgrep -P "${instances[$name]}")
  kill -TERM "$init"
  wait "${instances[$name]}" || status=$?
  unset "instances[$name]"
  say "$name ended $((SECONDS - before)) s after SIGTERM, with code $status"
  [ "$((SECONDS - before))" -le 20 ]
}

say 'a clean Debian with Node'
make_base
say 'the stage that builds'
build_stage
say 'the stage that runs'
runtime_stage
say "in all $(du -sh --one-file-system "$runtime" | cut -f 1), of which /app has $(du -sh "$runtime/app" | cut -f 1)"

say 'secrets, database, migration'
install -d -o "$uid" -g "$uid" "$runtime/run/secrets"
database_port=0
in_image node dist/scripts/container.js secrets /run/secrets --shard backend-1 --database 127.0.0.1:PORT/holdfast
start_database
sed -i "s/:PORT\//:$database_port\//" "$runtime"/run/secrets/*_url
in_image node dist/scripts/container.js migrate --admin=/run/secrets/admin_url --frontend=/run/secrets/frontend_url --backend=/run/secrets/backend-1_url

backend_port=$(free_port)
frontend_port=$(free_port)
entrypoint=(tini -- bash /app/launch.sh)
start backend PORT="$backend_port" SHARD_ID=backend-1 AUTH_MODE=token DATABASE_URL_FILE=/run/secrets/backend-1_url \
  ASSERTION_PUBLIC_KEYS_FILE=/run/secrets/assertion_public_keys SCREENS_KEY_FILE=/run/secrets/screens_key \
  "${entrypoint[@]}" backend
start frontend PORT="$frontend_port" AUTH_MODE=token DATABASE_URL_FILE=/run/secrets/frontend_url \
  BACKEND_URLS="[{\"id\":\"backend-1\",\"url\":\"http://127.0.0.1:$backend_port\"}]" \
  ASSERTION_PRIVATE_KEY_FILE=/run/secrets/assertion_private_key "${entrypoint[@]}" frontend
until_healthy backend "$backend_port"
until_healthy frontend "$frontend_port"
say "backend: $(curl -fsS "http://127.0.0.1:$backend_port/api/health")"
say "frontend: $(curl -fsS "http://127.0.0.1:$frontend_port/api/health")"

# A person signs in and has a terminal; what runs in it tells who it is.
link=$(in_image PORT="$frontend_port" DATABASE_URL_FILE=/run/secrets/frontend_url node dist/scripts/container.js sign-in ada@example.com)
curl -fsS -o /dev/null -c "$scratch/cookies" "$link"
curl -fsS -o /dev/null -b "$scratch/cookies" "http://localhost:$frontend_port/"
command='{"command":["/bin/sh","-c","id -u > /tmp/who; test -t 0 && echo terminal >> /tmp/who; exec sleep 600"],"cols":80,"rows":24}'
curl -fsS -o /dev/null -b "$scratch/cookies" -H 'Content-Type: application/json' -d "$command" "http://localhost:$frontend_port/api/v1/sessions"
for _ in $(seq 100); do
  if grep -q terminal "$runtime/tmp/who" 2> /dev/null; then break; fi
  sleep 0.1
done
say "in a terminal: $(tr '\n' ' ' < "$runtime/tmp/who")"
grep -qx "$uid" "$runtime/tmp/who"

say "$(in_image SHARD_ID=backend-1 DATABASE_URL_FILE=/run/secrets/backend-1_url node dist/scripts/container.js drain --wait 1)"
stop frontend
stop backend
if pgrep -u "$uid" > /dev/null; then echo 'something is left running' >&2; exit 1; fi
say 'all is well'
