<?php

declare(strict_types=1);

namespace Floodgate\Admin;

/** What can be looked at of one course, besides its form. */
enum View: string
{
    case Ledger = 'registrations';
    case Export = 'export';
    case Claim = 'add';
    case Correct = 'correct';
    case Cancel = 'cancel';
    case LeaveList = 'leave-list';
    case TakeOffer = 'take-offer';
    case SendAgain = 'send-again';
    case Message = 'message';
    case Door = 'door';
    case Remove = 'remove';
}
