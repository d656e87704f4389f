<?php
/**
 * What the organiser asks.
 *
 * @var \Floodgate\Registration\Course $course
 * @var callable(string): string $value
 * @var callable(string, string): string $describe
 * @var callable(string, string): void $showMistake
 */

declare(strict_types=1);

use Floodgate\Http\Text;

$optional = ' <span class="optional"' . Text::ownLanguage() . '>' . Text::html(Text::t('(optional)')) . '</span>';
foreach ($course->fields as $field) {
    require __DIR__ . '/field.php';
}
