// Open the public name, log in, look at Prefect's dashboard and at a run. Fails on an error in the console, on a request
// that fails and on one to the browser's own machine. Usage: browser.mjs [--pictures FOLDER]
//
//   FLOWOPS_SSO_URL, _LOGIN, _USER (NAME:PASSWORD), _ADDRESS, _CA   as for tests/sso/attempts.py
//   FLOWOPS_SSO_RUN    identifier of the flow run to look at; default: the latest
//   CHROMIUM           default: chromium
import {createHash, X509Certificate} from 'node:crypto';
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {connect} from 'node:tls';

const {chromium} = createRequire(import.meta.url)(process.env.PLAYWRIGHT_CORE || 'playwright-core');
const want = (name) => process.env[`FLOWOPS_SSO_${name}`] || fail(`FLOWOPS_SSO_${name} is missing`);
const root = want('URL').replace(/\/$/, '');
const login = new URL(want('LOGIN'));
const [user, password] = want('USER').split(/:(.*)/s);
const {FLOWOPS_SSO_ADDRESS: address, FLOWOPS_SSO_CA: ca, FLOWOPS_SSO_RUN: wantedRun} = process.env;
const flag = process.argv.indexOf('--pictures');
const pictures = flag > 0 ? process.argv[flag + 1] : undefined;
const prefect = new URL(root);
const TIMEOUT = 30000;
const OWN_MACHINE = /^(localhost|127\.|0\.0\.0\.0|\[::1?\])/;

function fail(message) {
  console.error(`browser: ${message}`);
  process.exit(1);
}

// Return the hash of the key that a name shows, once its certificate proved to be right.
function keyOf(url) {
  const options = {host: address || url.hostname, port: url.port || 443, servername: url.hostname, ca: ca && readFileSync(ca)};
  return new Promise((resolve, reject) => {
    const socket = connect(options, () => {
      const key = new X509Certificate(socket.getPeerCertificate(true).raw).publicKey.export({type: 'spki', format: 'der'});
      socket.end();
      resolve(createHash('sha256').update(key).digest('base64'));
    });
    socket.on('error', reject);
  });
}

let wrong = [];
const others = new Set();
const TRIES = 5;
// Chromium drops its connections whenever some container of this machine comes or goes.
const DISTURBED = 'ERR_NETWORK_CHANGED';

function watch(page) {
  page.on('console', (message) => {
    // What the login's own page complains of is its own affair.
    const isPrefects = new URL(page.url()).hostname === prefect.hostname;
    if (message.type() === 'error' && isPrefects) wrong.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => wrong.push(`script: ${error.message}`));
  page.on('request', (request) => {
    const {protocol, hostname} = new URL(request.url());
    if (OWN_MACHINE.test(hostname)) wrong.push(`request to ${request.url()}`);
    else if (/^(http|ws)/.test(protocol) && ![prefect.hostname, login.hostname].includes(hostname)) others.add(hostname);
  });
  page.on('websocket', (socket) => { if (OWN_MACHINE.test(new URL(socket.url()).hostname)) wrong.push(`websocket to ${socket.url()}`); });
  page.on('requestfailed', (request) => {
    // A page that is left breaks off what it was loading.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') wrong.push(`failed: ${request.url()} ${request.failure()?.errorText}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) wrong.push(`${response.status()}: ${response.request().method()} ${response.url()}`);
  });
}

async function picture(page, name) {
  if (!pictures) return;
  if (!existsSync(pictures)) mkdirSync(pictures, {recursive: true});
  await page.screenshot({path: join(pictures, `${name}.png`)});
}

const told = (text) => console.log(`browser: ${text}`);
const keys = [...new Set(await Promise.all([keyOf(prefect), keyOf(login)]))];
const names = [...new Set([prefect.hostname, login.hostname])];

async function visit() {
  const profile = mkdtempSync(join(tmpdir(), 'flowops-browser-'));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    headless: true,
    viewport: {width: 1280, height: 800},
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync',
      `--ignore-certificate-errors-spki-list=${keys.join(',')}`,
      ...(address ? [`--host-resolver-rules=${names.map((name) => `MAP ${name} ${address}`).join(', ')}`] : []),
    ],
  });

  try {
    const page = browser.pages()[0] || await browser.newPage();
    page.setDefaultTimeout(TIMEOUT);
    watch(page);
    // Prefect's UI asks Amplitude for its settings even where analytics are off. Nothing outside is part of this test.
    const isOutside = (url) => ![prefect.hostname, login.hostname].includes(url.hostname) && !OWN_MACHINE.test(url.hostname);
    await browser.route(isOutside, (route) => route.fulfill({json: {}, headers: {'access-control-allow-origin': '*'}}));

    await page.goto(`${root}/`);
    const secret = page.locator('input[type=password]').first();
    await secret.waitFor();
    if (new URL(page.url()).hostname !== login.hostname) wrong.push(`no login: ${page.url()} came without one`);
    told(`${root}/ led to ${new URL(page.url()).origin}`);
    await picture(page, 'login');

    await page.locator('input:not([type=password]):not([type=checkbox])').first().fill(user);
    await secret.fill(password);
    await page.getByRole('button', {name: /log ?in|sign ?in/i}).first().click();
    await page.waitForURL((url) => url.hostname === prefect.hostname && url.pathname.endsWith('/dashboard'));
    await page.getByText('Flow Runs').first().waitFor();
    await page.waitForLoadState('networkidle');
    if (await page.locator('input[type=password]').count()) wrong.push('Prefect asks for a password in spite of the login');
    told(`logged in as ${user}, dashboard at ${page.url()}`);
    await picture(page, 'dashboard');

    const run = await page.evaluate(async ({api, id}) => {
      const body = JSON.stringify({limit: 1, sort: 'START_TIME_DESC', ...(id ? {flow_runs: {id: {any_: [id]}}} : {})});
      const answer = await fetch(`${api}/flow_runs/filter`, {method: 'POST', headers: {'content-type': 'application/json'}, body});
      return (await answer.json())[0];
    }, {api: `${root}/api`, id: wantedRun});
    if (!run) throw new Error('there is no flow run to look at');
    // In the UI that opened, of the two that there are.
    await page.goto(new URL(`runs/flow-run/${run.id}`, page.url()).href);
    await page.getByText(run.name).first().waitFor();
    await page.waitForLoadState('networkidle');
    // Grey bars stand for what is still to come.
    await page.waitForFunction(() => !document.querySelector('.animate-pulse'));
    told(`run ${run.name} (${run.state_name}) at ${page.url()}`);
    await picture(page, 'run');
  } catch (error) {
    wrong.push(error.message);
    for (const page of browser.pages()) {
      wrong.push(`at ${page.url()}`);
      await picture(page, 'wrong');
    }
  } finally {
    await browser.close();
    rmSync(profile, {recursive: true, force: true});
  }
}

for (let tries = 1; ; tries++) {
  await visit();
  if (tries === TRIES || !wrong.some((text) => text.includes(DISTURBED))) break;
  told('disturbed by a change of this machine\'s networks, once more');
  wrong = [];
}

if (others.size) told(`other names asked for: ${[...others].join(', ')}`);
wrong.forEach((text) => console.error(`browser: WRONG ${text}`));
process.exit(wrong.length ? 1 : 0);
