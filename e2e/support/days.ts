// What days bring that no journey can wait for: dates are moved in the database of a
// folder while its server runs.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

async function run(folder: string, sql: string) {
  const { stdout } = await promisify(execFile)('sqlite3', ['-cmd', '.timeout 10000', join(folder, 'minqing.db'), `${sql}; SELECT changes();`])
  if (stdout.trim() !== '1') throw new Error(`not one row was changed: ${stdout}`)
}

// hearingComes has the announced hearing of a case take place now.
export async function hearingComes(folder: string, no: string) {
  await run(folder, `UPDATE permit_hearings SET heard_at = announced_at, heard_on = announced_on WHERE state = 'announced'
    AND application_id = (SELECT id FROM permit_applications WHERE case_no = '${no}')`)
}

// authorityEnds has the newest authority that an enterprise gave be over.
export async function authorityEnds(folder: string, enterprise: string) {
  await run(folder, `UPDATE enterprise_agents SET valid_from = date(valid_from, '-400 day'), valid_until = date('now', '-2 day') WHERE id =
    (SELECT a.id FROM enterprise_agents a JOIN enterprises e ON e.id = a.enterprise_id WHERE e.code = '${enterprise}' ORDER BY a.created_at DESC LIMIT 1)`)
}
