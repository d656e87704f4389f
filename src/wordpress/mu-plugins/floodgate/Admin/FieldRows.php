<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Registration\Field;
use Floodgate\Registration\FieldType;
use Floodgate\Registration\TypedText;

/** The organiser's own questions while they are being edited: rows that buttons add, move and take away. */
final class FieldRows
{
    public const MAX = 20;
    private const LABEL_MAX = 200;
    private const OPTIONS_MAX = 50;

    /** @param list<array{key: string, label: string, type: string, required: string, options: string}> $rows */
    private function __construct(public array $rows)
    {
    }

    /** @param list<Field> $fields */
    public static function of(array $fields): self
    {
        return new self(array_map(static fn (Field $field): array => [
            'key' => $field->key,
            'label' => $field->label,
            'type' => $field->type->value,
            'required' => $field->required ? '1' : '',
            'options' => implode("\n", $field->options),
        ], $fields));
    }

    /** @param array<mixed> $posted */
    public static function submitted(array $posted): self
    {
        $rows = [];
        foreach (array_slice(array_filter($posted, is_array(...)), 0, self::MAX) as $row) {
            $value = static fn (string $name): string => is_string($row[$name] ?? null) ? wp_check_invalid_utf8($row[$name], true) : '';
            $names = ['key', 'label', 'type', 'required', 'options'];
            $row = array_combine($names, array_map($value, $names));
            $rows[] = in_array($row['key'], array_column($rows, 'key'), true) ? ['key' => ''] + $row : $row;
        }
        return new self($rows);
    }

    /**
     * Do what a button says: `add-field`, or `up`, `down` or `remove` with the row's number, as in `up-2`.
     *
     * @return string|null id of the element to go on at; null when it is no such button
     */
    public function rearrange(string $button): ?string
    {
        if ($button === 'add-field' && count($this->rows) < self::MAX) {
            $this->rows[] = ['key' => '', 'label' => '', 'type' => FieldType::Text->value, 'required' => '', 'options' => ''];
            return FormMistakes::id('field_' . (count($this->rows) - 1) . '_label');
        }
        if (preg_match('/^(up|down|remove)-(\d{1,2})$/', $button, $match) !== 1 || !isset($this->rows[(int) $match[2]])) {
            return $button === 'add-field' ? 'floodgate-add-field' : null;
        }
        [, $what, $at] = [...$match];
        $at = (int) $at;
        if ($what === 'remove') {
            array_splice($this->rows, $at, 1);
            return 'floodgate-add-field';
        }
        $to = max(0, min(count($this->rows) - 1, $at + ($what === 'up' ? -1 : 1)));
        array_splice($this->rows, $to, 0, array_splice($this->rows, $at, 1));
        // Where it can still go that way, the same button of the same field; at the end, its label.
        $end = $what === 'up' ? 0 : count($this->rows) - 1;
        return FormMistakes::id($to === $end ? "field_{$to}_label" : "$what-$to");
    }

    /** @return list<Field> rows that were left empty do not count */
    public function read(FormMistakes $mistakes): array
    {
        $fields = [];
        $keys = array_fill_keys(array_column($this->rows, 'key'), true);
        foreach ($this->rows as $i => $row) {
            $label = TypedText::line($row['label']);
            if ($label === '' && trim($row['options']) === '' && $row['key'] === '') {
                continue;
            }
            $type = FieldType::tryFrom($row['type']);
            $options = $type === FieldType::Select ? self::options($row['options']) : [];
            $this->check($mistakes, $i, $label, $type, $options);
            $key = preg_match(Field::KEY, $row['key']) === 1 ? $row['key'] : self::key($label, $keys);
            $keys[$key] = true;
            if ($type !== null) {
                $fields[] = new Field($key, $label, $type, $row['required'] !== '', $options);
            }
        }
        return $fields;
    }

    /** @param list<string> $options */
    private function check(FormMistakes $mistakes, int $i, string $label, ?FieldType $type, array $options): void
    {
        if ($label === '') {
            $mistakes->add("field_{$i}_label", __('Please enter what this field asks for, or remove the field.', 'floodgate'));
        } elseif (mb_strlen($label) > self::LABEL_MAX) {
            /* translators: %d: number of characters */
            $mistakes->add("field_{$i}_label", sprintf(__('Please shorten this to %d characters.', 'floodgate'), self::LABEL_MAX));
        }
        if ($type === null) {
            $mistakes->add("field_{$i}_type", __('Please choose what kind of field this is.', 'floodgate'));
        }
        if ($type === FieldType::Select && $options === []) {
            $mistakes->add("field_{$i}_options", __('Please enter what one can choose from, one choice on each line.', 'floodgate'));
        } elseif (count($options) > self::OPTIONS_MAX || max([0, ...array_map(mb_strlen(...), $options)]) > self::LABEL_MAX) {
            $mistakes->add("field_{$i}_options", sprintf(
                /* translators: 1: number of choices, 2: number of characters */
                __('At most %1$d choices of %2$d characters each.', 'floodgate'),
                self::OPTIONS_MAX,
                self::LABEL_MAX
            ));
        }
    }

    /** @return list<string> as Field tidies what is chosen */
    private static function options(string $typed): array
    {
        $lines = array_map(TypedText::line(...), preg_split('/\R/u', $typed) ?: []);
        return array_values(array_unique(array_filter($lines, static fn (string $line): bool => $line !== '')));
    }

    /**
     * A name for the answers that lasts, whatever becomes of the label.
     *
     * @param array<string, true> $taken
     */
    private static function key(string $label, array $taken): string
    {
        $base = trim(substr((string) preg_replace('/[^a-z0-9]+/', '_', strtolower(remove_accents($label))), 0, 28), '_');
        $base = $base === '' ? 'field' : $base;
        for ($key = $base, $n = 2; isset($taken[$key]); $n++) {
            $key = "{$base}_$n";
        }
        return $key;
    }
}
