<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** A question of the organiser's on a course's form. Knows nothing of WordPress. */
final class Field
{
    public const TYPES = ['text', 'textarea', 'select', 'checkbox', 'number', 'tel'];
    public const KEY = '/^[a-z0-9_]{1,32}$/';
    /** What a ticked checkbox is worth. */
    public const TICKED = '1';
    /** Characters, by type; the rest have those of 'text'. */
    private const MAX_LENGTH = ['text' => 200, 'textarea' => 1_000, 'number' => 20, 'tel' => 40];

    public readonly int $maxLength;

    /** @param list<string> $options what a select offers */
    public function __construct(
        public readonly string $key,
        public readonly string $label,
        public readonly string $type = 'text',
        public readonly bool $required = false,
        public readonly array $options = [],
        ?int $maxLength = null,
    ) {
        if (preg_match(self::KEY, $key) !== 1 || !in_array($type, self::TYPES, true)) {
            throw new \InvalidArgumentException("a field is named \"$key\" and of type \"$type\"; allowed are "
                . self::KEY . ' and ' . implode(', ', self::TYPES));
        }
        $this->maxLength = $maxLength ?? self::MAX_LENGTH[$type] ?? self::MAX_LENGTH['text'];
    }

    /** As it is kept: without control characters and needless blanks; null when it is no text. */
    public function tidy(string $typed): ?string
    {
        if (!mb_check_encoding($typed, 'UTF-8')) {
            return null;
        }
        return match ($this->type) {
            'checkbox' => trim($typed) === '' ? '' : self::TICKED,
            'textarea' => trim(implode("\n", array_map(self::line(...), preg_split('/\R/u', $typed) ?: []))),
            default => self::line($typed),
        };
    }

    /** One line of it: control characters and blanks become single blanks. $typed is UTF-8. */
    public static function line(string $typed): string
    {
        return trim((string) preg_replace('/[\p{C}\s]+/u', ' ', $typed));
    }

    /** The kind of mistake in what was typed: 'missing', 'too-long', 'malformed' or 'not-offered'; null when it is right. */
    public function validate(string $typed): ?string
    {
        $value = $this->tidy($typed);
        return match (true) {
            $value === null => 'malformed',
            $value === '' => $this->required ? 'missing' : null,
            mb_strlen($value) > $this->maxLength => 'too-long',
            $this->type === 'select' && !in_array($value, $this->options, true) => 'not-offered',
            $this->type === 'number' && preg_match('/^[+-]?\d+([.,]\d+)?$/', $value) !== 1 => 'malformed',
            $this->type === 'tel' && preg_match('#^\+?[0-9][0-9 ()/.-]{2,}$#', $value) !== 1 => 'malformed',
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
                $field['type'],
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
                'type' => $field->type,
                'required' => $field->required,
                'options' => $field->options,
                'max_length' => $field->maxLength,
            ],
            $fields
        ), JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
    }
}
