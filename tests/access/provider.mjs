// A real OpenID Connect provider for the tests: the certified oidc-provider, in memory, with a sign-in page.
// Whoever signs in as NAME has the address NAME@kalkan.invalid. Beginning with "unconfirmed-", it is not verified;
// with "two-", a second factor was used; with "renamed-", it claims the address of the account after the dash.
// Arguments: port, client secret, redirect address.
import Provider from "oidc-provider";

const [port, secret, redirect] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
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
        email: `${id.replace(/^(two|unconfirmed|renamed)-/, "")}@kalkan.invalid`,
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

const bodyOf = async (request) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  return new URLSearchParams(Buffer.concat(parts).toString());
};

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
