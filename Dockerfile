# One image for all instances: `docker run … holdfast frontend` or `… backend`.
#   docker build --build-arg COMMIT=$(git rev-parse HEAD) --build-arg BUILT_AT=$(date -u +%FT%TZ) -t holdfast .
ARG NODE_IMAGE=node:22.16.0-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-fund --no-audit --loglevel=error
COPY . .
ARG COMMIT=""
ARG BUILT_AT=""
ARG VERSION=""
RUN HOLDFAST_VERSION="$VERSION" HOLDFAST_COMMIT="$COMMIT" HOLDFAST_BUILT_AT="$BUILT_AT" deploy/image/build.sh /out

FROM ${NODE_IMAGE} AS runtime
COPY deploy/image/runtime.sh /tmp/runtime.sh
RUN /tmp/runtime.sh && rm /tmp/runtime.sh
COPY --from=build /out /app
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8000 HOLDFAST_HOME=/var/lib/holdfast
USER 10001:10001
EXPOSE 8000
ARG COMMIT=""
ARG BUILT_AT=""
ARG VERSION=""
LABEL org.opencontainers.image.title="holdfast" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${COMMIT}" \
      org.opencontainers.image.created="${BUILT_AT}"
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/api/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["tini", "--", "bash", "/app/launch.sh"]
CMD ["frontend"]
