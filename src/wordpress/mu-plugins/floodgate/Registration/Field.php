<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** A question of the organiser's on a course's form. Knows nothing of WordPress. */
final class Field
{
    public const KEY = '/^[a-z0-9_]{1,32}$/';
    /** What a ticked checkbox is worth. */
    public const TICKED = '1';

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

    /** As it is kept: without control characters and needless blanks; null when it is no text. */
    public function tidy(string $typed): ?string
    {
        if (!mb_check_encoding($typed, 'UTF-8')) {
            return null;
        }
        return match ($this->type) {
            FieldType::Checkbox => trim($typed) === '' ? '' : self::TICKED,
            FieldType::Textarea => trim(implode("\n", array_map(self::line(...), preg_split('/\R/u', $typed) ?: []))),
            default => self::line($typed),
        };
    }

    /** One line of it: control characters and blanks become single blanks. $typed is UTF-8. */
    public static function line(string $typed): string
    {
        return trim((string) preg_replace('/[\p{C}\s]+/u', ' ', $typed));
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
            $this->type === FieldType::Number && preg_match('/^[+-]?\d+([.,]\d+)?$/', $value) !== 1 => Mistake::Malformed,
            $this->type === FieldType::Tel && preg_match('#^\+?[0-9][0-9 ()/.-]{2,}$#', $value) !== 1 => Mistake::Malformed,
            default => null,
        };
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
