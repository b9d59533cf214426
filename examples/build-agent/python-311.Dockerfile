# A build agent with Python, on a Debian base that Artifactory keeps.
ARG BASE_IMAGE=debian:bookworm-slim
FROM ${BASE_IMAGE}

# The certificates that the init container has put into the build context.
COPY certs/ca-certificates.crt /kaniko/ssl/certs/ca-certificates.crt

ENV SSL_CERT_DIR=/kaniko/ssl/certs \
    REQUESTS_CA_BUNDLE=/kaniko/ssl/certs/ca-certificates.crt \
    CURL_CA_BUNDLE=/kaniko/ssl/certs/ca-certificates.crt \
    DOCKER_CONFIG=/kaniko/.docker/

# Artifactory's mirror in place of Debian's repositories. What this writes stays in the image, the password with it:
# the parameter aptSources does without these lines and without that (examples/apt-sources).
RUN --mount=type=secret,id=jfrog,target=/kaniko/secrets \
    cp /kaniko/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt \
    && rm /etc/apt/sources.list.d/debian.sources \
    && echo "deb [trusted=yes] https://$(cat /kaniko/secrets/jfrog-deb-user):$(cat /kaniko/secrets/jfrog-deb-secret)@registry.contoso.example/artifactory/remote-debian/debian bookworm main" >> /etc/apt/sources.list \
    && apt-get update -y \
    && apt-get install -y --no-install-recommends python3

# Two binaries of the storage account.
COPY kubectl kubelogin /usr/local/bin/
