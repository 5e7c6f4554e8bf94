# syntax=docker/dockerfile:1

# The pages, of which the image needs only what comes out.
FROM node:22-bookworm-slim AS pages
WORKDIR /src/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci --omit=dev --no-progress
COPY web/ ./
RUN node node_modules/vite/bin/vite.js build --logLevel error

# Everything that is installed, in a folder that the image takes over. What changes rarely comes first.
FROM python:3.11-slim-bookworm AS package
WORKDIR /src
RUN python -m venv /opt/hotelmate
ENV PATH=/opt/hotelmate/bin:$PATH
COPY requirements/run.lock requirements/
RUN pip install --no-cache-dir --require-hashes --requirement requirements/run.lock
COPY pyproject.toml README.md ./
COPY hotelmate/ hotelmate/
COPY --from=pages /src/web/dist/ hotelmate/web/static/
RUN pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
# As numbers, so that Kubernetes can see that it is not root.
RUN install --directory --owner=10001 --group=10001 --mode=0700 /data
COPY --from=package /opt/hotelmate /opt/hotelmate
ENV PATH=/opt/hotelmate/bin:$PATH HOTELMATE_HOST=0.0.0.0 HOTELMATE_DATA_DIR=/data
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
ENTRYPOINT ["hotelmate"]
CMD ["serve"]
