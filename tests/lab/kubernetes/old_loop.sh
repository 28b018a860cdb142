#!/bin/sh
# A loop around `kubectl scale`, as one is written in an afternoon: what Spillway replaces. It is here to be run as it is,
# faults and all; nobody should use it.
#
# Of the environment: NAMESPACE and ASD_NAME of home's autoscaler, REMOTE_NAMESPACE and REMOTE_DEPLOYMENT in the cloud,
# K8S_ENDPOINT of the cloud's API server, and K8S_CA_DATA, K8S_CLIENT_CERT_DATA, K8S_CLIENT_KEY_DATA in base64.
account=/var/run/secrets/kubernetes.io/serviceaccount
bearer=$(cat $account/token)
keys=${TMPDIR:-/tmp}/old_loop
mkdir -p $keys
echo $K8S_CA_DATA | base64 -d > $keys/ca
echo $K8S_CLIENT_CERT_DATA | base64 -d > $keys/cert
echo $K8S_CLIENT_KEY_DATA | base64 -d > $keys/key

home() {
  kubectl --server=https://kubernetes.default --certificate-authority=$account/ca.crt --token=$bearer \
    get asd $ASD_NAME -n $NAMESPACE "$@"
}
cloud() {
  kubectl "$@" -n $REMOTE_NAMESPACE --server=$K8S_ENDPOINT --certificate-authority=$keys/ca \
    --client-certificate=$keys/cert --client-key=$keys/key
}

while true; do
  most=$(home --no-headers | awk '{print $6}')
  desired=$(home --no-headers | awk '{print $8}')
  beyond=0
  if [ $most -eq $desired ]; then
    wanted=$(home -o jsonpath='{.status.conditions[?(@.reason=="EnforcingLimit")].message}' | awk '{print $2}')
    beyond=$(($wanted - $most))
    if [ $beyond -lt 0 ]; then beyond=0; fi
  fi
  echo "desired $desired of $most: $beyond for the cloud"
  cloud scale deploy $REMOTE_DEPLOYMENT --replicas=$beyond
  sleep 10
done
