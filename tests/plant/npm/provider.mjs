// A certified OpenID Connect provider on loopback, with people who say who they are by a form of one field.
import { createServer } from 'node:http'
import Provider from 'oidc-provider'

const { port, redirect_uri, after_sign_out, people } = JSON.parse(process.argv[2])
const issuer = `http://127.0.0.1:${port}`

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'ancrage',
      client_secret: 'a secret of this test alone',
      redirect_uris: [redirect_uri],
      post_logout_redirect_uris: [after_sign_out],
      response_types: ['code'],
      grant_types: ['authorization_code'],
    },
  ],
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_context, interaction) => `/who/${interaction.uid}` },
  findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub, ...people[sub] }) }),
  // nobody is asked to agree: the people here belong to the house
  loadExistingGrant: async (context) => {
    const grant = new provider.Grant({
      clientId: context.oidc.client.clientId,
      accountId: context.oidc.session.accountId,
    })
    grant.addOIDCScope('openid email')
    await grant.save()
    return grant
  },
})

const answer = provider.callback()
createServer(async (request, response) => {
  const address = new URL(request.url, issuer)
  if (!address.pathname.startsWith('/who/')) return answer(request, response)
  const sub = address.searchParams.get('sub')
  if (sub) return provider.interactionFinished(request, response, { login: { accountId: sub } })
  response.end('who are you?')
}).listen(port, '127.0.0.1')
