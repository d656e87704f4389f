<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** The connection that WordPress has opened. It may have switched mysqli's exceptions off. */
final class WordPressLink implements Link
{
    public function __construct(private readonly \mysqli $link)
    {
    }

    public function run(string $sql, bool $several = false): array
    {
        $results = [];
        try {
            $more = $several ? $this->link->multi_query($sql) : $this->link->real_query($sql);
            while ($more) {
                $answer = $this->link->store_result();
                $rows = $answer instanceof \mysqli_result ? $answer->fetch_all(MYSQLI_ASSOC) : [];
                $results[] = new Result($rows, (int) $this->link->affected_rows);
                $more = $several && $this->link->more_results() && $this->link->next_result();
            }
            if ($this->link->errno !== 0) {
                throw new DatabaseError($this->link->error, $this->link->errno);
            }
        } catch (\mysqli_sql_exception $error) {
            throw new DatabaseError($error->getMessage(), $error->getCode(), $error);
        }
        return $results;
    }

    public function quote(string $text): string
    {
        return "'" . $this->link->real_escape_string($text) . "'";
    }
}
