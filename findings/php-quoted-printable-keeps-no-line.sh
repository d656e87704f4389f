#!/bin/sh
# A text that is made quoted-printable keeps its lines; that is what the encoding is for. PHP's quoted_printable_encode keeps those that end with CR LF, and makes of the line feed that PHP's own sources and every form of a database end lines
# with a character of the text, =0A: two paragraphs become one line of the mail, and what a reader gets is a bare line feed, which is no line's end in a mail (RFC 2045, 6.7 and 2.10). PHPMailer, told Encoding = 'quoted-printable', hands its body to it as it is,
# while its other encodings of text ("7bit", "8bit") make CR LF of a line feed first. Python's email package does so in all. PHPMailer::normalizeBreaks(text, "\r\n") before helps.
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages (seen with PHP 8.2 and PHPMailer 6.6.3) and Python.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
version=$(apt-cache depends --important php-cli | sed -n 's/.*Depends: php\([0-9.]*\)-cli/\1/p')
apt-get download -qq "php$version-cli" libphp-phpmailer libargon2-1 libsodium23 libxml2 >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" root; done
LD_LIBRARY_PATH=$(dirname "$(find root -name 'libsodium.so.*' | head -1)")
export LD_LIBRARY_PATH
cat >mail.php <<'PHP'
<?php
foreach (['Exception', 'PHPMailer'] as $class) {
    require __DIR__ . "/root/usr/share/php/libphp-phpmailer/src/$class.php";
}
use PHPMailer\PHPMailer\PHPMailer;

$text = "Töpfern\n\nam Montag\n";
$mails = [];
foreach ([['8bit', $text], ['quoted-printable', $text], ['quoted-printable', PHPMailer::normalizeBreaks($text, "\r\n")]] as [$encoding, $body]) {
    $mail = new PHPMailer(true);
    $mail->isSMTP();
    $mail->CharSet = 'utf-8';
    $mail->Encoding = $encoding;
    $mail->setFrom('courses@example.org');
    $mail->addAddress('ada@example.com');
    $mail->Body = $body;
    $mail->preSend();
    $mails[] = base64_encode($mail->getSentMIMEMessage());
}
echo json_encode(['PHP' => PHP_VERSION, 'PHPMailer' => PHPMailer::VERSION, 'encoded' => quoted_printable_encode($text), 'mails' => $mails]);
PHP
"$(find root -name "php$version" -type f)" -n mail.php >said.json
"${PYTHON:-python3}" - <<'PYTHON'
import base64
import json
import sys
from email import message_from_bytes, policy
from email.message import EmailMessage

with open("said.json") as file:
    said = json.load(file)
print(f"PHP {said['PHP']}, PHPMailer {said['PHPMailer']}; quoted_printable_encode: {said['encoded']!r}")
own = EmailMessage(policy=policy.SMTP)
own.set_content("Töpfern\n\nam Montag\n", cte="quoted-printable")
read = {}
mails = [base64.b64decode(each) for each in said["mails"]] + [own.as_bytes()]
for name, mail in zip(("PHPMailer, 8bit", "PHPMailer, quoted-printable", "PHPMailer, quoted-printable of CR LF", "Python, quoted-printable"), mails, strict=True):
    read[name] = message_from_bytes(mail, policy=policy.SMTP).get_payload(decode=True).decode().strip()
    print(f"{name}: {read[name]!r}")
bare, whole = "Töpfern\n\nam Montag", "Töpfern\r\n\r\nam Montag"
sys.exit(said["encoded"] != "T=C3=B6pfern=0A=0Aam Montag=0A" or list(read.values()) != [whole, bare, whole, whole])
PYTHON
