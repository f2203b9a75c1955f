// The npm package crypt3 is compiled; perl knows crypt(3), too. The password is read from standard input.
'use strict';
const {execFile} = require('child_process');

module.exports = (password, salt, done) => {
  const script = 'local $/; my $password = <STDIN>; print crypt($password, $ARGV[0])';
  execFile('/usr/bin/perl', ['-e', script, salt], (error, hash) => done(error, hash)).stdin.end(password);
};
