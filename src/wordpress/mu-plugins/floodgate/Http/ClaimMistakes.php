<?php

declare(strict_types=1);

namespace Floodgate\Http;

use Floodgate\Registration\Course;
use Floodgate\Registration\Field;
use Floodgate\Registration\Mistake;

/** Mistakes in a claim, in sentences that say how to mend them. */
final class ClaimMistakes
{
    /**
     * @param array<string, Mistake> $mistakes by field
     * @return array<string, string> sentence by field
     */
    public static function inWords(Course $course, array $mistakes): array
    {
        $questions = [];
        foreach ($course->fields as $field) {
            $questions["answer-{$field->key}"] = $field;
        }
        $sentences = [];
        foreach ($mistakes as $name => $mistake) {
            $sentences[$name] = isset($questions[$name]) ? self::inAnswer($questions[$name], $mistake) : self::sentence($name, $mistake);
        }
        return $sentences;
    }

    private static function sentence(string $field, Mistake $mistake): string
    {
        return match ([$field, $mistake]) {
            ['name', Mistake::Missing] => Text::t('Please enter your name.'),
            ['name', Mistake::TooLong] => Text::t('Please shorten your name to 200 characters.'),
            ['name', Mistake::Malformed] => Text::t('Your name contains characters that we cannot read. Please type it again.'),
            ['name', Mistake::WebAddress] => Text::t('Please enter a name without a web address in it.'),
            ['email', Mistake::Missing] => Text::t('Please enter your e-mail address.'),
            ['email', Mistake::TooLong], ['email', Mistake::Malformed] => Text::t('This does not look like an e-mail address. Please check it.'),
            ['form', Mistake::Trapped] => Text::t('A field that should stay empty was filled in, perhaps by your browser. Please check the form and send it again.'),
            ['form', Mistake::NotRegistered] => Text::t('Nobody is registered with this name and e-mail address, and there are seats left: you can take one here.'),
            default => Text::t('This form is no longer valid. We have renewed it: please send it again.'),
        };
    }

    private static function inAnswer(Field $field, Mistake $mistake): string
    {
        return sprintf(match ($mistake) {
            /* translators: %1$s: the organiser's question */
            Mistake::Missing => Text::t('“%1$s” needs an answer.'),
            /* translators: 1: the organiser's question, 2: number of characters */
            Mistake::TooLong => Text::t('Please shorten “%1$s” to %2$s characters.'),
            /* translators: %1$s: the organiser's question */
            Mistake::NotOffered => Text::t('Please choose one of the answers to “%1$s”.'),
            /* translators: %1$s: the organiser's question */
            default => Text::t('Please check “%1$s”: we cannot read this answer.'),
        }, $field->label, Text::number($field->maxLength));
    }
}
