// A real OpenID provider, oidc-provider, with a sign-in page of two fields and the
// people that a journey names.
import { createServer } from 'node:http'
import { Provider } from 'oidc-provider'
import type { AddressInfo } from 'node:net'

export type Person = { name: string; email: string; email_verified: boolean; groups?: string[] }

export const client = { id: 'portal', secret: 'a secret between portal and provider' }

// startProvider serves the provider for a portal at the address.
export async function startProvider(portal: string, people: Record<string, Person>) {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(issuer, {
    clients: [{
      client_id: client.id, client_secret: client.secret,
      redirect_uris: ['public', 'staff'].map((key) => `${portal}/sign-in/with/${key}/back`),
      post_logout_redirect_uris: [`${portal}/`],
    }],
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'], groups: ['groups'] },
    scopes: ['openid', 'profile', 'email', 'groups'],
    cookies: { keys: ['only for journeys'] },
    findAccount: (_: unknown, sub: string) => people[sub] && { accountId: sub, claims: () => ({ sub, ...people[sub] }) },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/sign-in/${uid}` },
    // Consent is the city's own affair here: whoever signs in agrees.
    async loadExistingGrant(ctx: any) {
      const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId })
      grant.addOIDCScope('openid profile email groups')
      await grant.save()
      return grant
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        logoutSource: (ctx: any, form: string) => {
          ctx.body = page(`<h1>Sign out?</h1>${form}<button type="submit" form="op.logoutForm" name="logout" value="yes">Yes</button>`)
        },
      },
    },
  })
  const asked = provider.callback()
  server.on('request', async (request, response) => {
    if (!request.url!.startsWith('/sign-in/')) return asked(request, response)
    if (request.method === 'GET') {
      response.setHeader('Content-Type', 'text/html; charset=utf-8')
      return response.end(page(`<h1>Provider</h1><form method="post"><input name="login"><button name="do" value="in">In</button><button name="do" value="no">No</button></form>`))
    }
    let body = ''
    for await (const part of request) body += part
    const form = new URLSearchParams(body)
    await provider.interactionFinished(request, response, form.get('do') === 'no'
      ? { error: 'access_denied' }
      : { login: { accountId: form.get('login')! } }, { mergeWithLastSubmission: false })
  })
  return { issuer, stop: () => new Promise<void>((resolve) => { server.closeAllConnections(); server.close(() => resolve()) }) }
}

const page = (body: string) => `<!DOCTYPE html><html lang="en"><head><title>Provider</title><link rel="icon" href="data:,"></head><body>${body}</body></html>`
