<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** A question of the organiser's on a course's form. Knows nothing of WordPress. */
final class Field
{
    public const KEY = '/^[a-z0-9_]{1,32}$/';
    /** What a ticked checkbox is worth. */
    public const TICKED = '1';

    /** Digits of any script, in groups or not: “1 000”, “1,00,000.5”, “١٢٫٥”. */
    private const NUMBER = "/^[+\\-\\x{2212}\\x{2013}]?(?:\\p{Nd}+|\\p{Nd}{1,3}(?:[ .,'\\x{2019}\\x{66C}]\\p{Nd}{2,3})*[ .,'\\x{2019}\\x{66C}]\\p{Nd}{3})(?:[.,\\x{66B}]\\p{Nd}+)?$/Du";
    /** Digits of any script; what divides them, or stands before them, is a matter of taste. Fewer are no number. */
    private const PHONE_DIGITS = 3;
    /** Room for “extension” or the name of a line; more is a sentence. */
    private const PHONE_LETTERS = 15;

    public readonly int $maxLength;

    /** @param list<string> $options what a select offers */
    public function __construct(
        public readonly string $key,
        public readonly string $label,
        public readonly FieldType $type = FieldType::Text,
        public readonly bool $required = false,
        public readonly array $options = [],
        ?int $maxLength = null,
    ) {
        if (preg_match(self::KEY, $key) !== 1) {
            throw new \InvalidArgumentException("a field is named \"$key\"; allowed is " . self::KEY);
        }
        $this->maxLength = $maxLength ?? $type->maxLength();
    }

    /** As it is kept; null when it is no text. */
    public function tidy(string $typed): ?string
    {
        if (!mb_check_encoding($typed, 'UTF-8')) {
            return null;
        }
        return match ($this->type) {
            FieldType::Checkbox => trim($typed) === '' ? '' : self::TICKED,
            FieldType::Textarea => TypedText::lines($typed),
            FieldType::Select => $this->option($typed),
            // Nothing invisible helps to write these; marks of a direction come along when they are copied.
            FieldType::Number, FieldType::Tel => TypedText::line((string) preg_replace('/\p{DI}+/u', '', $typed)),
            FieldType::Text => TypedText::line($typed),
        };
    }

    /** What was chosen, as it is offered; what is not offered as it was typed. */
    private function option(string $typed): string
    {
        if (in_array($typed, $this->options, true)) {
            return $typed;
        }
        $line = TypedText::line($typed);
        // A browser sends an option's blanks in its own way, and an older version kept options as they were typed.
        return array_column(array_map(static fn (string $option): array => [TypedText::line($option), $option], $this->options), 1, 0)[$line] ?? $line;
    }

    /** What is wrong with what was typed; null when it is right. */
    public function validate(string $typed): ?Mistake
    {
        $value = $this->tidy($typed);
        return match (true) {
            $value === null => Mistake::Malformed,
            $value === '' => $this->required ? Mistake::Missing : null,
            mb_strlen($value) > $this->maxLength => Mistake::TooLong,
            $this->type === FieldType::Select && !in_array($value, $this->options, true) => Mistake::NotOffered,
            $this->type === FieldType::Number && preg_match(self::NUMBER, self::plain($value)) !== 1 => Mistake::Malformed,
            $this->type === FieldType::Tel && !self::isPhoneNumber($value) => Mistake::Malformed,
            default => null,
        };
    }

    /** Signs and dividers of a full-width keyboard, as everybody else's; digits of other scripts stay. */
    private static function plain(string $value): string
    {
        return (string) \Normalizer::normalize($value, \Normalizer::FORM_KC);
    }

    private static function isPhoneNumber(string $value): bool
    {
        return !str_contains(self::plain($value), '@')
            && preg_match_all('/\p{Nd}/u', $value) >= self::PHONE_DIGITS
            && preg_match_all('/\p{L}/u', $value) <= self::PHONE_LETTERS;
    }

    /**
     * @return list<self>
     * @throws \JsonException
     */
    public static function listFromJson(string $json): array
    {
        if ($json === '') {
            return [];
        }
        return array_map(
            static fn (array $field): self => new self(
                $field['key'],
                $field['label'],
                FieldType::from($field['type']),
                $field['required'],
                $field['options'],
                $field['max_length'],
            ),
            json_decode($json, true, 8, JSON_THROW_ON_ERROR)
        );
    }

    /** @param list<self> $fields */
    public static function listToJson(array $fields): string
    {
        return json_encode(array_map(
            static fn (self $field): array => [
                'key' => $field->key,
                'label' => $field->label,
                'type' => $field->type->value,
                'required' => $field->required,
                'options' => $field->options,
                'max_length' => $field->maxLength,
            ],
            $fields
        ), JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
    }
}
