// Uses TLS of Node.js, as a client of `weir serve` and as a server for `weir connect`. The arguments and the output are
// those of tls_python.py.
'use strict';
const fs = require('fs');
const tls = require('tls');

const limits = (version) => ({minVersion: 'TLSv' + version, maxVersion: 'TLSv' + version});

function client(port, version, authority, own, how) {
  const pem = own === '' ? undefined : fs.readFileSync(own);
  const ca = fs.readFileSync(authority);
  const options = {...limits(version), host: '127.0.0.1', port, servername: 'localhost', ca, cert: pem, key: pem};
  process.stdin.on('error', () => {}).resume();
  const once = (session, last) => {
    const socket = tls.connect({...options, session}, () => socket.write('hello\n'));
    let newest;
    socket.on('session', (one) => { newest = one; });
    socket.on('error', (why) => { console.error(why.message); process.exitCode = 1; process.stdin.destroy(); });
    socket.on('data', (reply) => {
      if (!last) {
        socket.on('close', () => once(newest, true));
        return socket.end();
      }
      process.stdout.write(reply);
      process.stdin.on('end', () => socket.end());
    });
  };
  once(undefined, how !== 'twice');
}

function server(folder) {
  const read = (name) => fs.readFileSync(`${folder}/${name}`);
  const certificates = {
    valid: 'server', wrong_host: 'elsewhere', expired: 'expired', unknown: 'unknown', mutual: 'server', rude: 'server',
  };
  for (const [kind, name] of Object.entries(certificates)) {
    for (const version of ['1.2', '1.3']) {
      const options = {...limits(version), cert: read(`${name}.crt`), key: read(`${name}.key`)};
      if (kind === 'mutual') Object.assign(options, {requestCert: true, ca: read('authority.crt')});
      const listening = tls.createServer(options, (socket) => {
        socket.on('error', () => {});
        socket.on('data', (came) => socket.write(came, () => { if (kind === 'rude') socket.destroy(); }));
      });
      listening.listen(0, '127.0.0.1', () => console.log(kind, version, listening.address().port));
    }
  }
  process.stdin.resume().on('end', () => process.exit());
}

({client, server})[process.argv[2]](...process.argv.slice(3));
