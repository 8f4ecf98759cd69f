#!/usr/bin/env bash
# certificates.sh DIRECTORY ADDRESS URL: an authority, the API server's certificate for that address and the loopback
# interface, a client certificate and a kubeconfig for each user, the key pair that signs service account tokens.
set -euo pipefail
umask 077
directory=$1 address=$2 url=$3
mkdir -p "$directory"
cd "$directory"
if [ -f complete ]; then exit 0; fi

new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }

# sign NAME SUBJECT EXTENSIONS
sign() {
  new_key "$1"
  openssl req -new -key "$1.key" -subj "$2" |
    openssl x509 -req -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 -extfile <(printf '%b' "$3") -out "$1.crt" 2>/dev/null
}

# user NAME SUBJECT: /O= are groups of RBAC, /CN= is the user
user() {
  sign "$1" "$2" 'extendedKeyUsage=clientAuth\nkeyUsage=digitalSignature\n'
  cat >"$1.kubeconfig" <<YAML
apiVersion: v1
kind: Config
current-context: millrace-test
clusters:
- name: millrace-test
  cluster: {server: "$url", certificate-authority-data: $(base64 -w0 ca.crt)}
users:
- name: $1
  user: {client-certificate-data: $(base64 -w0 "$1.crt"), client-key-data: $(base64 -w0 "$1.key")}
contexts:
- name: millrace-test
  context: {cluster: millrace-test, user: $1, namespace: default}
YAML
}

new_key ca
openssl req -x509 -new -key ca.key -subj /CN=millrace-test-authority -days 365 -out ca.crt \
  -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
names=DNS:localhost,DNS:kubernetes.default,DNS:kubernetes.default.svc,IP:10.96.0.1,IP:127.0.0.1,IP:$address
sign apiserver /CN=kube-apiserver "subjectAltName=$names\nextendedKeyUsage=serverAuth\nkeyUsage=digitalSignature\n"
user admin /O=system:masters/CN=admin
user controller-manager /CN=system:kube-controller-manager
user scheduler /CN=system:kube-scheduler
user node1 /O=system:nodes/CN=system:node:node1
user kwok /O=system:masters/CN=kwok
user kubelet-client /O=system:masters/CN=apiserver-kubelet-client
openssl genrsa -out service-accounts.key 2048 2>/dev/null
openssl rsa -in service-accounts.key -pubout -out service-accounts.pub 2>/dev/null
touch complete
