<?php

declare(strict_types=1);

namespace Floodgate\Admin;

/** The organiser's own fields, each with buttons that move it or take it away. */
final class FieldList
{
    public function __construct(
        private readonly FieldRows $fields,
        private readonly FormMistakes $mistakes,
        private readonly ?string $focus,
    ) {
    }

    public function show(): void
    {
        if ($this->fields->rows !== []) {
            echo '<ol class="floodgate-fields">';
            foreach ($this->fields->rows as $i => $row) {
                $this->row($i, $row);
            }
            echo '</ol>';
        }
        if (count($this->fields->rows) < FieldRows::MAX) {
            echo '<p>', $this->button('add-field', __('Add field', 'floodgate'), __('Add field', 'floodgate')), '</p>';
        }
    }

    /** @param array{key: string, label: string, type: string, required: string, options: string} $row */
    private function row(int $i, array $row): void
    {
        /* translators: %s: number of the field */
        $title = $row['label'] !== '' ? $row['label'] : sprintf(__('Field %s', 'floodgate'), number_format_i18n($i + 1));
        $name = static fn (string $part): string => "fields[$i][$part]";
        $attributes = fn (string $part, bool $hint = false): string =>
            $this->mistakes->attributes("field_{$i}_$part", $name($part), $hint)
            . ($this->focus === FormMistakes::id("field_{$i}_$part") ? ' autofocus' : '');
        $id = static fn (string $part): string => esc_attr(FormMistakes::id("field_{$i}_$part"));
        ?>
        <li><fieldset><legend><?php echo esc_html($title); ?></legend>
        <input type="hidden" name="<?php echo esc_attr($name('key')); ?>" value="<?php echo esc_attr($row['key']); ?>">
        <div class="floodgate-columns">
        <div>
        <label for="<?php echo $id('label'); ?>"><?php esc_html_e('Question', 'floodgate'); ?></label>
        <?php echo $this->mistakes->at("field_{$i}_label"); ?>
        <input type="text" class="regular-text" maxlength="200" <?php echo $attributes('label'); ?> value="<?php echo esc_attr($row['label']); ?>">
        </div>
        <div>
        <label for="<?php echo $id('type'); ?>"><?php esc_html_e('Kind', 'floodgate'); ?></label>
        <?php echo $this->mistakes->at("field_{$i}_type"); ?>
        <select <?php echo $attributes('type'); ?>>
        <?php foreach (Words::fieldTypes() as $type => $text) : ?>
        <option value="<?php echo esc_attr($type); ?>"<?php selected($type, $row['type']); ?>><?php echo esc_html($text); ?></option>
        <?php endforeach; ?>
        </select>
        </div>
        </div>
        <label class="floodgate-inline"><input type="checkbox" <?php echo $attributes('required'); ?> value="1"<?php checked($row['required'] !== ''); ?>>
        <?php esc_html_e('Must be answered', 'floodgate'); ?></label>
        <div class="floodgate-options">
        <label for="<?php echo $id('options'); ?>"><?php esc_html_e('Choices of a list', 'floodgate'); ?></label>
        <?php echo $this->mistakes->at("field_{$i}_options"); ?>
        <textarea class="large-text" rows="3" <?php echo $attributes('options', true); ?>><?php echo esc_textarea($row['options']); ?></textarea>
        <p class="description" id="<?php echo $id('options'); ?>-hint"><?php esc_html_e('One on each line; only for the kind “Choice from a list”.', 'floodgate'); ?></p>
        </div>
        <p><?php
        if ($i > 0) {
            echo $this->button("up-$i", __('Move up', 'floodgate'), /* translators: %s: name of a field */ sprintf(__('Move up: %s', 'floodgate'), $title)), ' ';
        }
        if ($i < count($this->fields->rows) - 1) {
            echo $this->button("down-$i", __('Move down', 'floodgate'), /* translators: %s: name of a field */ sprintf(__('Move down: %s', 'floodgate'), $title)), ' ';
        }
        echo $this->button("remove-$i", __('Remove', 'floodgate'), /* translators: %s: name of a field */ sprintf(__('Remove: %s', 'floodgate'), $title));
        ?></p>
        </fieldset></li>
        <?php
    }

    private function button(string $does, string $text, string $label): string
    {
        $id = FormMistakes::id($does);
        return sprintf(
            '<button type="submit" class="button" name="do" id="%s" value="%s" aria-label="%s"%s>%s</button>',
            esc_attr($id),
            esc_attr($does),
            esc_attr($label),
            $this->focus === $id ? ' autofocus' : '',
            esc_html($text)
        );
    }
}
