/** Paths that the network alone answers: the API, and where people sign in, here or at an ingress in front of us. */
export const NEVER_OURS: RegExp[] = [/^\/api(\/|$|\?)/i, /^\/sign-in/, /^\/oidc(\/|$|\?)/i, /^\/\.auth(\/|$|\?)/i];
