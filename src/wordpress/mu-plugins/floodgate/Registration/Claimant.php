<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** Who asks for a seat: a name, and an e-mail address. Together with the course's rule they say who is one person. */
final class Claimant
{
    private const NAME_MAX = 200;
    /** Mails greet whoever's address was typed by the name that was typed: as a link it would be anybody's advertisement, sent by the site. */
    private const WEB_ADDRESS = '~://|\bwww\.~i';

    private function __construct(
        public readonly string $name,
        /** as it is kept: see EmailAddress */
        public readonly string $email,
    ) {
    }

    /**
     * From what was typed.
     *
     * @return self|array<string, Mistake> the claimant, or what is wrong, by field
     */
    public static function from(string $name, string $email): self|array
    {
        $name = self::line($name);
        $email = self::line($email);
        $address = $email === null ? Mistake::Malformed : EmailAddress::from($email);
        $mistakes = array_filter([
            'name' => match (true) {
                $name === null => Mistake::Malformed,
                $name === '' => Mistake::Missing,
                mb_strlen($name) > self::NAME_MAX => Mistake::TooLong,
                preg_match(self::WEB_ADDRESS, $name) === 1 => Mistake::WebAddress,
                default => null,
            },
            'email' => $address instanceof Mistake ? $address : null,
        ]);
        return $mistakes === [] ? new self((string) $name, (string) $address) : $mistakes;
    }

    /** As the ledger has it. */
    public static function kept(string $name, string $email): self
    {
        return new self($name, $email);
    }

    /**
     * What makes two claims one person's: the e-mail address; where several people may share one, the name besides it.
     * The same however they are written. 32 bytes.
     */
    public function key(bool $onePerEmail): string
    {
        return hash('sha256', $onePerEmail ? $this->email : "{$this->email}\n" . mb_convert_case(TypedText::bare($this->name), MB_CASE_FOLD, 'UTF-8'), true);
    }

    /** Null when it is no text. */
    private static function line(string $text): ?string
    {
        return mb_check_encoding($text, 'UTF-8') ? TypedText::line($text) : null;
    }
}
