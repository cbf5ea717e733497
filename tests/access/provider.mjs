// A real OpenID Connect provider for the tests: the certified oidc-provider, in memory, with a sign-in page.
// Whoever signs in as NAME has the address NAME@kalkan.invalid. Beginning with "unconfirmed-", it is not verified;
// with "two-", a second factor was used; with "renamed-", it claims the address of the account after the dash.
// With "bent-WHAT-", the ID token is signed anew with one thing wrong (see BENT).
// Arguments: port, client secret, redirect address.
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, decodeJwt } from "jose";
import Provider from "oidc-provider";

const [port, secret, redirect] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const pair = () => generateKeyPair("RS256", { extractable: true });
const own = await pair();
const another = await pair();
const kid = "only-for-tests";
const provider = new Provider(issuer, {
  jwks: { keys: [{ ...(await exportJWK(own.privateKey)), kid, use: "sig", alg: "RS256" }] },
  clients: [
    {
      client_id: "kalkan",
      client_secret: secret,
      redirect_uris: [redirect],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  claims: { openid: ["sub", "amr"], email: ["email", "email_verified"] },
  pkce: { required: () => true },
  cookies: { keys: ["only for tests"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_context, interaction) => `/sign-in/${interaction.uid}` },
  async findAccount(_context, id) {
    return {
      accountId: id,
      claims: async () => ({
        sub: id,
        email: `${id.replace(/^(two|unconfirmed|renamed|bent-[a-z]+)-/, "")}@kalkan.invalid`,
        email_verified: !id.startsWith("unconfirmed-"),
      }),
    };
  },
  async loadExistingGrant(context) {
    const { client, session } = context.oidc;
    const grant = new context.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope("openid email");
    await grant.save();
    return grant;
  },
});

const now = () => Math.floor(Date.now() / 1000);
const signed = (claims, { alg = "RS256", key = own.privateKey } = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(key);
const BENT = {
  nothing: (claims) => signed(claims), // the way of bending itself changes nothing
  nonce: (claims) => signed({ ...claims, nonce: "of-another-request" }),
  nononce: ({ nonce, ...claims }) => signed(claims),
  issuer: (claims) => signed({ ...claims, iss: "https://another.invalid" }),
  audience: (claims) => signed({ ...claims, aud: "another" }),
  audiences: (claims) => signed({ ...claims, aud: ["kalkan", "another"] }),
  party: (claims) => signed({ ...claims, azp: "another" }),
  expired: (claims) => signed({ ...claims, exp: now() - 120 }),
  endless: ({ exp, ...claims }) => signed(claims),
  early: (claims) => signed({ ...claims, iat: now() + 600 }),
  person: (claims) => signed({ ...claims, sub: "another" }),
  key: (claims) => signed(claims, { key: another.privateKey }),
  secret: (claims) => signed(claims, { alg: "HS256", key: Buffer.from(secret) }),
  unsigned: (claims) => new UnsecuredJWT(claims).encode(),
};

const bodyOf = async (request) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  return new URLSearchParams(Buffer.concat(parts).toString());
};

provider.use(async (context, next) => {
  await next();
  const token = context.path === "/token" && context.body?.id_token;
  const bent = token && /^bent-([a-z]+)-/.exec(decodeJwt(token).sub);
  if (bent) context.body = { ...context.body, id_token: await BENT[bent[1]](decodeJwt(token)) };
});
provider.use(async (context, next) => {
  if (!context.path.startsWith("/sign-in/")) return next();
  if (context.method === "POST") {
    const name = (await bodyOf(context.req)).get("login");
    const amr = name.startsWith("two-") ? ["pwd", "mfa"] : ["pwd"];
    context.respond = false;
    return provider.interactionFinished(context.req, context.res, { login: { accountId: name, amr } });
  }
  context.type = "html";
  context.body = `<form method="post" action="${context.path}"><input name="login"><button>Sign in</button></form>`;
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
