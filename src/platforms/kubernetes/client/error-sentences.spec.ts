import { describe, expect, it } from '@jest/globals';
import { ApiError, ConnectionError } from './api-error.js';
import { explain, readable } from './error-sentences.js';

const attempt = {
  accountName: 'prod',
  namespace: 'batch',
  serverUrl: 'https://api.example.org',
  verb: 'create',
  resource: 'pods',
};
const forbidden =
  'pods is forbidden: User "system:serviceaccount:batch:server" cannot create resource "pods" in API group "" in the namespace "batch"';

describe('explain', () => {
  it.each([
    [
      new ApiError(403, 'Forbidden', forbidden),
      "The Kubernetes account 'prod' may not create pods in namespace 'batch': its role (user system:serviceaccount:batch:server) lacks the verb 'create' on 'pods'.",
    ],
    [
      new ApiError(401, 'Unauthorized', 'Unauthorized'),
      "The Kubernetes account 'prod' is not known to the API server at https://api.example.org: its token, certificate or password is wrong or has expired (401).",
    ],
    [
      new ApiError(404, 'NotFound', 'namespaces "batch" not found'),
      "The Kubernetes account 'prod' has the namespace 'batch', which does not exist in the cluster.",
    ],
    [
      new ConnectionError('ECONNREFUSED', 'connect ECONNREFUSED 10.0.0.1:6443'),
      "The Kubernetes account 'prod' cannot be used: the API server at https://api.example.org cannot be reached: connect ECONNREFUSED 10.0.0.1:6443.",
    ],
    [
      new ConnectionError('SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain'),
      "The Kubernetes account 'prod' cannot be used: the certificate of the API server at https://api.example.org is not signed by a known authority; name its CA with fabric8.ca-cert-file or fabric8.ca-cert-data (SELF_SIGNED_CERT_IN_CHAIN).",
    ],
    [
      new ConnectionError('CREDENTIALS', "the kubeconfig has no context 'x'"),
      "The Kubernetes account 'prod' cannot be used: the kubeconfig has no context 'x'.",
    ],
  ])('%p', (error, sentence) => {
    expect(explain(error, attempt)).toBe(sentence);
  });
});

describe('readable', () => {
  it.each([
    [
      'pods "a" is forbidden: exceeded quota: small, requested: limits.cpu=2,pods=1, used: limits.cpu=3,pods=4, limited: limits.cpu=4,pods=4',
      "the quota 'small' is exceeded: limits.cpu=2,pods=1 requested, limits.cpu=3,pods=4 in use, the limit is limits.cpu=4,pods=4",
    ],
    ['Pod "a" is invalid: spec.containers[0].image: Required value', 'spec.containers[0].image: Required value'],
    ['Job.batch "a" is invalid: spec.backoffLimit: Invalid value: -1', 'spec.backoffLimit: Invalid value: -1'],
    [
      'admission webhook "policy.example.org" denied the request: images must be signed',
      "the admission check 'policy.example.org' refuses it: images must be signed",
    ],
    ['something else', 'something else'],
  ])('%s', (message, expected) => {
    expect(readable(message)).toBe(expected);
  });
});
