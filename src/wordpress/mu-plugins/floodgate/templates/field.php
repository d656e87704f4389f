<?php
/**
 * One question of the organiser's.
 *
 * @var \Floodgate\Registration\Field $field
 * @var callable(string): string $value
 * @var callable(string, string): string $describe
 * @var callable(string, string): void $showMistake
 * @var string $optional
 */

declare(strict_types=1);

use Floodgate\Http\Text;
use Floodgate\Registration\Field;
use Floodgate\Registration\FieldType;

$name = "answer[{$field->key}]";
$id = "answer-{$field->key}";
$typed = $value($id);
$language = Text::siteLanguage();
$label = "<label$language for=\"" . Text::attr($id) . '">' . Text::html($field->label) . ($field->required ? '' : $optional) . '</label>';
$attributes = sprintf(' id="%s" name="%s"', Text::attr($id), Text::attr($name)) . ($field->required ? ' required' : '') . $describe($id, $id);
$length = " maxlength=\"{$field->maxLength}\"";

if ($field->type === FieldType::Checkbox) {
    $ticked = $typed === Field::TICKED ? ' checked' : '';
    echo '<div class="tick"><input type="checkbox" value="', Field::TICKED, '"', $attributes, $ticked, '>', $label, '</div>';
    $showMistake($id, $id);
    return;
}
echo $label;
$showMistake($id, $id);
switch ($field->type) {
    case FieldType::Textarea:
        echo '<textarea rows="4" dir="auto"', $attributes, $length, '>', "\n", Text::html($typed), '</textarea>';
        break;
    case FieldType::Select:
        echo '<select', $attributes, '><option value="">', Text::html(Text::t('Please choose')), '</option>';
        foreach ($field->options as $option) {
            echo "<option$language", $option === $typed ? ' selected' : '', '>', Text::html($option), '</option>';
        }
        echo '</select>';
        break;
    default:
        // Type "number" would drop what is mistyped, step with the wheel, and hide a comma: a text with digits does not.
        echo '<input', match ($field->type) {
            FieldType::Number => ' type="text" inputmode="decimal" dir="ltr"',
            FieldType::Tel => ' type="tel" dir="ltr" autocomplete="tel"',
            default => ' type="text" dir="auto"',
        }, $attributes, $length, ' value="', Text::attr($typed), '">';
}
