<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** How a question is asked. The value is what is stored with the course. */
enum FieldType: string
{
    case Text = 'text';
    case Textarea = 'textarea';
    case Select = 'select';
    case Checkbox = 'checkbox';
    case Number = 'number';
    case Tel = 'tel';

    /** Characters. */
    public function maxLength(): int
    {
        return match ($this) {
            self::Textarea => 1_000,
            self::Number => 20,
            self::Tel => 40,
            self::Text, self::Select, self::Checkbox => 200,
        };
    }
}
