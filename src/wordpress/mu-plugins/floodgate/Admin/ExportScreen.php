<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Registration\ConfirmationCode;
use Floodgate\Registration\Course;
use Floodgate\Registration\Database;
use Floodgate\Registration\EmailAddress;
use Floodgate\Registration\Entry;
use Floodgate\Registration\Field;
use Floodgate\Registration\Ledger;

/** The registrations of a course as a file, of text or for spreadsheets. Its size does not matter. */
final class ExportScreen implements Screen
{
    private const NONCE = 'floodgate-export';
    private const WORKBOOK = 'xlsx';

    public function __construct(private readonly Database $database, private readonly Course $course)
    {
    }

    /** @param bool $asWorkbook for spreadsheets; else as text */
    public static function address(Course $course, bool $asWorkbook = false): string
    {
        return Address::of(View::Export, $course, ['format' => $asWorkbook ? self::WORKBOOK : 'csv', '_wpnonce' => wp_create_nonce(self::NONCE)]);
    }

    public function load(): void
    {
        check_admin_referer(self::NONCE);
        // A million lines take longer than a page may.
        set_time_limit(0);
        while (ob_get_level() > 0) {
            ob_end_clean();
        }
        header('X-Accel-Buffering: no');
        ($_GET['format'] ?? '') === self::WORKBOOK ? $this->sendWorkbook() : $this->sendText();
        exit;
    }

    private function name(string $type, string $ending): void
    {
        header("Content-Type: $type");
        header("Content-Disposition: attachment; filename=\"{$this->course->slug}-" . wp_date('Y-m-d') . ".$ending\"");
    }

    /** It is sent while it is read. */
    private function sendText(): void
    {
        $this->name('text/csv; charset=UTF-8', 'csv');
        echo Csv::MARK, Csv::line($this->titles(), self::separator());
        foreach ($this->rows() as $i => $cells) {
            echo Csv::line($cells, self::separator());
            if ($i % 1_000 === 999) {
                flush();
            }
        }
    }

    private function sendWorkbook(): void
    {
        $file = Workbook::write($this->titles(), $this->rows(), __('Registrations', 'floodgate'), is_rtl());
        try {
            $this->name('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', self::WORKBOOK);
            header('Content-Length: ' . filesize($file));
            readfile($file);
        } finally {
            unlink($file);
        }
    }

    /** @return \Generator<list<string>> */
    private function rows(): \Generator
    {
        foreach ((new Ledger($this->database, $this->course))->all() as $entry) {
            yield $this->cells($entry);
        }
    }

    public function show(): void
    {
    }

    /** @return list<string> */
    private function titles(): array
    {
        return [
            __('Code', 'floodgate'),
            __('Name', 'floodgate'),
            __('E-mail address', 'floodgate'),
            /* translators: %s: name of a time zone */
            sprintf(__('Registered (%s)', 'floodgate'), Words::zone($this->course)->getName()),
            ...array_map(static fn (Field $field): string => $field->label, $this->course->fields),
            __('Answers to fields that were removed', 'floodgate'),
        ];
    }

    /** @return list<string> */
    private function cells(Entry $entry): array
    {
        $old = array_diff_key($entry->answers, array_flip(array_map(static fn (Field $field): string => $field->key, $this->course->fields)));
        return [
            ConfirmationCode::grouped($entry->code),
            $entry->name,
            EmailAddress::shown($entry->email),
            (string) wp_date('Y-m-d H:i:s', intdiv($entry->claimedAt, 1000), Words::zone($this->course)),
            ...array_map(
                static fn (Field $field): string => Words::answer($field->type, $entry->answers[$field->key] ?? ''),
                $this->course->fields
            ),
            implode("\n", array_map(static fn (string $key, string $value): string => "$key: $value", array_keys($old), $old)),
        ];
    }

    /** Where the comma divides decimals, spreadsheets expect a semicolon between values. */
    private static function separator(): string
    {
        global $wp_locale;
        return $wp_locale->number_format['decimal_point'] === ',' ? ';' : ',';
    }
}
