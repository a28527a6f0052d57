// WebAuthn's options and answers as JSON (level 3), written out for browsers that can't do it themselves.

interface Descriptor {
  id: string;
  type: "public-key";
  transports?: AuthenticatorTransport[];
}

/** What the server asks for: to make a passkey (it names a `user`) or to show one. */
export interface Options {
  challenge: string;
  timeout?: number;
  rp?: PublicKeyCredentialRpEntity;
  rpId?: string;
  user?: { id: string; name: string; displayName: string };
  pubKeyCredParams?: PublicKeyCredentialParameters[];
  authenticatorSelection?: AuthenticatorSelectionCriteria;
  attestation?: AttestationConveyancePreference;
  excludeCredentials?: Descriptor[];
  allowCredentials?: Descriptor[];
  userVerification?: UserVerificationRequirement;
}

/** Make a passkey, and give what the authenticator answers. */
export async function make(options: Options, signal: AbortSignal): Promise<string> {
  const { user, rp, challenge, pubKeyCredParams = [], excludeCredentials = [], ...others } = options;
  if (!user || !rp) throw new TypeError("These options are for showing a passkey.");
  const made = await navigator.credentials.create({
    signal,
    publicKey: {
      ...others,
      rp,
      pubKeyCredParams,
      challenge: bytes(challenge),
      user: { ...user, id: bytes(user.id) },
      excludeCredentials: excludeCredentials.map(descriptor),
    },
  });
  const credential = made as PublicKeyCredential;
  const response = credential.response as AuthenticatorAttestationResponse;
  return written(credential, {
    clientDataJSON: text(response.clientDataJSON),
    attestationObject: text(response.attestationObject),
    transports: response.getTransports(),
  });
}

/** Show a passkey, and give what the authenticator answers. */
export async function show(options: Options, signal: AbortSignal, isConditional = false): Promise<string> {
  const { challenge, rpId, timeout, userVerification, allowCredentials = [] } = options;
  const shown = await navigator.credentials.get({
    signal,
    mediation: isConditional ? "conditional" : "optional",
    publicKey: {
      challenge: bytes(challenge),
      ...(rpId && { rpId }),
      ...(timeout && { timeout }),
      ...(userVerification && { userVerification }),
      allowCredentials: allowCredentials.map(descriptor),
    },
  });
  const credential = shown as PublicKeyCredential;
  const response = credential.response as AuthenticatorAssertionResponse;
  return written(credential, {
    clientDataJSON: text(response.clientDataJSON),
    authenticatorData: text(response.authenticatorData),
    signature: text(response.signature),
    ...(response.userHandle && { userHandle: text(response.userHandle) }),
  });
}

function written(credential: PublicKeyCredential, response: object): string {
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });
}

function descriptor({ id, type, transports }: Descriptor): PublicKeyCredentialDescriptor {
  return { id: bytes(id), type, ...(transports && { transports }) };
}

/** Read base64url. */
export function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

/** Write base64url, without padding. */
export function text(buffer: ArrayBuffer): string {
  const binary = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
