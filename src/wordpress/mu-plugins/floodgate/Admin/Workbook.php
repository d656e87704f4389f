<?php

declare(strict_types=1);

namespace Floodgate\Admin;

/**
 * A workbook of one sheet (Office Open XML, ECMA-376) in which every cell is text: what people typed is what a spreadsheet
 * shows. Its size does not matter: the sheet is written to a file while it is read.
 */
final class Workbook
{
    /** Characters of a cell, at most. */
    private const CELL_MAX = 32_767;
    private const FLUSH_EVERY = 1_000;
    private const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
    private const RELATIONS = 'http://schemas.openxmlformats.org/package/2006/relationships';
    private const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
    private const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
    private const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>' . "\n";
    /** Numbers in the list of formats below. */
    private const TEXT = 1;
    private const TITLE = 2;

    /**
     * @param list<string> $titles of the columns
     * @param \Generator<list<string>> $rows
     * @param string $name the sheet's
     * @return string a new file, for the caller to remove
     */
    public static function write(array $titles, \Generator $rows, string $name, bool $isRightToLeft): string
    {
        $sheet = self::file();
        $book = self::file();
        try {
            self::writeSheet($sheet, $titles, $rows, $isRightToLeft);
            $zip = new \ZipArchive();
            $zip->open($book, \ZipArchive::OVERWRITE);
            foreach (self::parts($name) as $path => $content) {
                $zip->addFromString($path, self::HEAD . $content);
            }
            $zip->addFile($sheet, 'xl/worksheets/sheet1.xml');
            if (!$zip->close()) {
                throw new \RuntimeException("no workbook could be written to $book: {$zip->getStatusString()}");
            }
        } finally {
            unlink($sheet);
        }
        return $book;
    }

    private static function file(): string
    {
        $file = tempnam(sys_get_temp_dir(), 'book');
        return $file !== false ? $file : throw new \RuntimeException('no file could be made in ' . sys_get_temp_dir());
    }

    /**
     * @param list<string> $titles
     * @param \Generator<list<string>> $rows
     */
    private static function writeSheet(string $file, array $titles, \Generator $rows, bool $isRightToLeft): void
    {
        $xml = new \XMLWriter();
        $xml->openUri($file);
        $xml->startDocument('1.0', 'UTF-8', 'yes');
        $xml->startElementNs(null, 'worksheet', self::MAIN);
        $xml->writeRaw('<sheetViews><sheetView workbookViewId="0"' . ($isRightToLeft ? ' rightToLeft="1"' : '') . '>'
            . '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            . '<sheetFormatPr defaultColWidth="24" defaultRowHeight="15"/>'
            // A column that is empty so far is text, too.
            . '<cols><col min="1" max="' . count($titles) . '" width="24" style="' . self::TEXT . '" customWidth="1"/></cols>');
        $xml->startElement('sheetData');
        self::writeRow($xml, $titles, self::TITLE);
        $written = 0;
        foreach ($rows as $cells) {
            self::writeRow($xml, $cells, self::TEXT);
            if (++$written % self::FLUSH_EVERY === 0) {
                $xml->flush();
            }
        }
        $xml->endElement();
        $xml->endElement();
        $xml->endDocument();
        $xml->flush();
    }

    /** @param list<string> $cells */
    private static function writeRow(\XMLWriter $xml, array $cells, int $format): void
    {
        $xml->startElement('row');
        foreach ($cells as $cell) {
            $xml->startElement('c');
            $xml->writeAttribute('s', (string) $format);
            $xml->writeAttribute('t', 'inlineStr');
            $xml->startElement('is');
            $xml->startElement('t');
            $xml->writeAttribute('xml:space', 'preserve');
            $xml->text(self::text($cell));
            $xml->endElement();
            $xml->endElement();
            $xml->endElement();
        }
        $xml->endElement();
    }

    /** Of what XML can hold; and what looks like this format's own way to write a character is no character. */
    private static function text(string $cell): string
    {
        $text = (string) preg_replace(
            ['/[^\t\n\r\x{20}-\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}]/u', '/_(?=x[0-9A-Fa-f]{4}_)/'],
            ['', '_x005F_'],
            $cell
        );
        return mb_substr($text, 0, self::CELL_MAX);
    }

    /** @return array<string, string> content by path; all but the sheet */
    private static function parts(string $name): array
    {
        $main = self::MAIN;
        $office = self::OFFICE;
        $relations = static fn (string ...$targets): string => '<Relationships xmlns="' . self::RELATIONS . '">'
            . implode('', array_map(
                static fn (string $kind, string $target): string => "<Relationship Id=\"$kind\" Type=\"$office/$kind\" Target=\"$target\"/>",
                array_keys($targets),
                $targets
            )) . '</Relationships>';
        $format = static fn (int $font): string => "<xf numFmtId=\"49\" fontId=\"$font\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\" applyFont=\"1\"/>";
        // A sheet's name has up to 31 characters, and none of these.
        $sheet = htmlspecialchars(mb_substr(strtr($name, '[]:*?/\\', '       '), 0, 31), ENT_XML1 | ENT_QUOTES);
        return [
            '[Content_Types].xml' => '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
                . '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                . '<Override PartName="/xl/workbook.xml" ContentType="' . self::TYPE . '.sheet.main+xml"/>'
                . '<Override PartName="/xl/styles.xml" ContentType="' . self::TYPE . '.styles+xml"/>'
                . '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="' . self::TYPE . '.worksheet+xml"/></Types>',
            '_rels/.rels' => $relations(officeDocument: 'xl/workbook.xml'),
            'xl/_rels/workbook.xml.rels' => $relations(worksheet: 'worksheets/sheet1.xml', styles: 'styles.xml'),
            'xl/workbook.xml' => "<workbook xmlns=\"$main\" xmlns:r=\"$office\"><sheets>"
                . "<sheet name=\"$sheet\" sheetId=\"1\" r:id=\"worksheet\"/></sheets></workbook>",
            'xl/styles.xml' => "<styleSheet xmlns=\"$main\"><fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font>"
                . '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
                . '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
                . '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
                . '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
                . '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>' . $format(0) . $format(1) . '</cellXfs>'
                . '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
        ];
    }
}
