import { StudioError } from '../../../../shared/errors';

/** Faults of a coordinator's certificate, in words: waiting mends none of them. */
const faults: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by another authority than the join file’s',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'its certificate is signed by another authority than the join file’s',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate is signed by another authority than the join file’s',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'its certificate is signed by another authority than the join file’s',
  CERT_SIGNATURE_FAILURE: 'its certificate is signed by another authority than the join file’s',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another address',
  CERT_HAS_EXPIRED: 'its certificate has ended',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet: compare the clocks of the two machines',
  EPROTO: 'it does not speak TLS there',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS there',
};

/** Why trying again is of no use; null where the coordinator may only be away. */
export function certificateFault(error: unknown, url: string): StudioError | null {
  const code = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  const why = typeof code === 'string' ? faults[code] : undefined;
  if (why === undefined) return null;
  return new StudioError(
    {
      code: 'forbidden',
      message: `The coordinator at ${url} is not the one that made the join file: ${why}. Make a new join file there (\`join create\`).`,
    },
    error,
  );
}
