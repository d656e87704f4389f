<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Http\ClaimMistakes;
use Floodgate\Http\Submission;
use Floodgate\Registration\Course;
use Floodgate\Registration\Field;
use Floodgate\Registration\FieldType;

/** The inputs that say who somebody is and what they answered; those of the answers are the public form's. */
final class PersonForm
{
    public readonly FormMistakes $mistakes;

    /** @var array<string, string> what the inputs hold, by field */
    private array $values;

    /** @param array<string, string> $kept what stands already, by field as Submission names it: whatever is asked for today, it may stay */
    public function __construct(private readonly Course $course, private readonly array $kept = [])
    {
        $this->mistakes = new FormMistakes();
        $this->values = $kept;
    }

    public function take(Submission $typed): void
    {
        $this->values = $typed->values;
        $changed = array_filter($typed->mistakes, fn (string $field): bool => $this->values[$field] !== ($this->kept[$field] ?? null), ARRAY_FILTER_USE_KEY);
        foreach (ClaimMistakes::inWords($this->course, $changed) as $field => $sentence) {
            $this->mistakes->add($field, $sentence);
        }
    }

    /** A choice that is offered no more can be kept. */
    private function withKept(Field $field): Field
    {
        $kept = $this->kept["answer-{$field->key}"] ?? '';
        return $field->type !== FieldType::Select || $kept === '' || in_array($kept, $field->options, true)
            ? $field
            : new Field($field->key, $field->label, $field->type, $field->required, [$kept, ...$field->options], $field->maxLength);
    }

    public function show(): void
    {
        $value = fn (string $name): string => $this->values[$name] ?? '';
        $describe = fn (string $id, string $name): string => $this->mistakes->at($name) === '' ? ''
            : ' aria-invalid="true" aria-describedby="' . esc_attr(FormMistakes::id($name)) . '-mistake"';
        $showMistake = function (string $id, string $name): void {
            echo $this->mistakes->at($name);
        };
        $optional = ' ' . esc_html__('(optional)', 'floodgate');
        ?>
        <label for="floodgate-name"><?php esc_html_e('Name', 'floodgate'); ?></label>
        <?php echo $this->mistakes->at('name'); ?>
        <input type="text" class="regular-text" maxlength="200" required <?php echo $this->mistakes->attributes('name'); ?> value="<?php echo esc_attr($value('name')); ?>">
        <label for="floodgate-email"><?php esc_html_e('E-mail address', 'floodgate'); ?></label>
        <?php echo $this->mistakes->at('email'); ?>
        <input type="text" inputmode="email" class="regular-text" maxlength="254" required <?php echo $this->mistakes->attributes('email'); ?> value="<?php echo esc_attr($value('email')); ?>">
        <?php
        foreach (array_map($this->withKept(...), $this->course->fields) as $field) {
            require dirname(__DIR__) . '/templates/field.php';
        }
    }
}
