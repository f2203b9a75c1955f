// Stand-in for Authelia 4: see the Dockerfile. Usage: authelia.js --config FILE
'use strict';
const fs = require('fs');
const http = require('http');
const net = require('net');
const os = require('os');
const path = require('path');
const url = require('url');
const yaml = require('js-yaml');

const LEGACY_PORT = 19091;
const IDENTITY = ['remote-user', 'remote-groups', 'remote-name', 'remote-email'];
const UNITS = {s: 1, m: 60, h: 3600, d: 86400, w: 604800, M: 2592000, y: 31536000};

const read = (file) => yaml.safeLoad(fs.readFileSync(file, 'utf8'));
const list = (value) => (value === undefined ? [undefined] : [].concat(value));

function fail(message) {
  console.error(`level=error msg="Configuration: ${message}"`);
  process.exit(1);
}

function seconds(duration) {
  const match = /^(\d+)([smhdwMy])$/.exec(duration);
  return match ? Number(match[1]) * UNITS[match[2]] : fail(`duration ${duration}`);
}

// Stop at keys that nothing here would look at.
function only(where, value, known) {
  Object.keys(value).filter((key) => !known.includes(key)).forEach((key) => fail(`the stand-in does not know ${where}.${key}`));
  return value;
}

function legacyRules(rules) {
  const result = [];
  rules.forEach((rule) => {
    only('access_control.rules', rule, ['domain', 'policy', 'subject', 'resources']);
    list(rule.domain).forEach((domain) => list(rule.subject).forEach((subject) => {
      if (Array.isArray(subject)) fail('the stand-in knows no subjects that all have to fit');
      result.push(Object.assign({domain, policy: rule.policy}, subject && {subject}, rule.resources && {resources: list(rule.resources)}));
    }));
  });
  return result;
}

function legacyConfiguration(config, folder) {
  only('', config, ['theme', 'server', 'log', 'ntp', 'identity_validation', 'authentication_backend', 'access_control',
    'session', 'regulation', 'storage', 'notifier']);
  const {session, regulation} = config;
  if (config.storage.encryption_key.length < 20) fail('storage.encryption_key is too short');
  if (config.session.cookies.length !== 1) fail('the stand-in knows one cookie only');
  const db = path.join(path.dirname(config.storage.local.path), 'legacy');
  if (!fs.existsSync(db)) fs.mkdirSync(db);
  return {
    port: LEGACY_PORT,
    logs_level: config.log.level,
    totp: {issuer: 'authelia.com'},
    authentication_backend: {file: {path: path.join(folder, 'users.yml')}},
    access_control: {default_policy: config.access_control.default_policy, rules: legacyRules(config.access_control.rules)},
    session: {
      name: 'authelia_session', secret: session.secret, domain: session.cookies[0].domain,
      expiration: seconds(session.expiration) * 1000, inactivity: seconds(session.inactivity) * 1000,
    },
    regulation: {max_retries: regulation.max_retries, find_time: seconds(regulation.find_time), ban_time: seconds(regulation.ban_time)},
    storage: {local: {path: db}},
    notifier: {filesystem: {filename: config.notifier.filesystem ? config.notifier.filesystem.filename : path.join(folder, 'mail.txt')}},
  };
}

function legacyUsers(users) {
  const result = {};
  Object.keys(users).forEach((name) => {
    const user = users[name];
    if (!user.password.startsWith('$6$rounds=')) fail(`the stand-in knows SHA-512 hashes only, user ${name} has another`);
    result[name] = {password: `{CRYPT}${user.password}`, email: user.email || `${name}@localhost`, groups: user.groups || []};
  });
  return {users: result};
}

// Version 3 listens on all addresses; here nobody but its front may reach it.
function onlyLocally() {
  const listen = net.Server.prototype.listen;
  net.Server.prototype.listen = function (port, ...rest) {
    return port === LEGACY_PORT ? listen.call(this, port, '127.0.0.1', ...rest) : listen.call(this, port, ...rest);
  };
}

function ask(request, options, answer, refuse) {
  const headers = Object.assign({}, request.headers, options.headers);
  ['authorization', 'proxy-authorization', 'x-original-url'].forEach((name) => delete headers[name]);
  const legacy = http.request({host: '127.0.0.1', port: LEGACY_PORT, method: options.method, path: options.path, headers}, answer);
  legacy.on('error', refuse);
  return legacy;
}

function forwardAuth(config, request, response) {
  const refuse = () => { response.writeHead(500); response.end(); };
  const answer = (told) => {
    told.resume();
    if (told.statusCode === 204) {
      const headers = {};
      IDENTITY.forEach((name) => { if (told.headers[name]) headers[name] = told.headers[name]; });
      headers['remote-name'] = users[headers['remote-user']] ? users[headers['remote-user']].displayname : '';
      headers['remote-email'] = (users[headers['remote-user']] || {}).email || '';
      response.writeHead(200, headers);
      return response.end();
    }
    if (told.statusCode === 403) {
      response.writeHead(403);
      return response.end('403 Forbidden');
    }
    const method = request.headers['x-forwarded-method'] || 'GET';
    const accepts = (request.headers.accept || '').split(',').map((type) => type.split(';')[0].trim());
    const isPage = accepts.includes('text/html') || accepts.includes('*/*');
    if (!isPage || request.headers['x-requested-with'] === 'XMLHttpRequest') {
      response.writeHead(401);
      return response.end('401 Unauthorized');
    }
    const asked = `${request.headers['x-forwarded-proto']}://${request.headers['x-forwarded-host']}${request.headers['x-forwarded-uri']}`;
    const login = new url.URL(config.session.cookies[0].authelia_url);
    login.searchParams.set('rd', asked);
    login.searchParams.set('rm', method);
    response.writeHead(['GET', 'HEAD', 'OPTIONS'].includes(method) ? 302 : 303, {location: login.href});
    return response.end();
  };
  request.resume();
  ask(request, {method: 'GET', path: '/api/verify', headers: {'content-length': '0'}}, answer, refuse).end();
}

function pass(request, response) {
  const refuse = () => { response.writeHead(502); response.end(); };
  const answer = (told) => { response.writeHead(told.statusCode, told.headers); told.pipe(response); };
  request.pipe(ask(request, {method: request.method, path: request.url, headers: {}}, answer, refuse));
}

function health(response) {
  const probe = net.connect(LEGACY_PORT, '127.0.0.1');
  const say = (status, text) => { probe.destroy(); response.writeHead(status, {'content-type': 'application/json'}); response.end(text); };
  probe.on('connect', () => say(200, '{"status":"OK"}'));
  probe.on('error', () => say(503, '{"status":"KO"}'));
}

const flag = process.argv.indexOf('--config');
const file = flag > 0 ? process.argv[flag + 1] : process.env.X_AUTHELIA_CONFIG;
const config = read(file);
const users = read(config.authentication_backend.file.path).users;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'authelia-'));
const legacyFile = path.join(folder, 'config.yml');
fs.writeFileSync(legacyFile, yaml.safeDump(legacyConfiguration(config, folder)), {mode: 0o600});
fs.writeFileSync(path.join(folder, 'users.yml'), yaml.safeDump(legacyUsers(users)), {mode: 0o600});
['SIGTERM', 'SIGINT'].forEach((signal) => process.on(signal, () => process.exit(0)));

onlyLocally();
process.argv = [process.argv[0], 'authelia', legacyFile];
require('authelia/dist/server/src/index.js');

const address = new url.URL(config.server.address.replace(/^tcp:/, 'http:'));
http.createServer((request, response) => {
  const {pathname, query} = url.parse(request.url, true);
  if (pathname === '/api/health') return health(response);
  if (pathname === '/api/authz/forward-auth') return forwardAuth(config, request, response);
  if (pathname === '/' && query.rd) {
    // Version 3's pages look for it behind the hash.
    response.writeHead(302, {location: `/#/?rd=${encodeURIComponent(query.rd)}`});
    return response.end();
  }
  return pass(request, response);
}).listen(Number(address.port), address.hostname, () => console.log(`level=info msg="Listening on ${address.host}" standin=true`));
